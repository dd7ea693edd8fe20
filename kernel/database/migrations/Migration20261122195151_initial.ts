import { Migration } from '@mikro-orm/migrations';

export class Migration20261122195151_initial extends Migration {

  override name = 'Migration20261122195151_initial';

  override up(): void | Promise<void> {
    this.addSql(`create schema if not exists "kernel";`);
    this.addSql(`create table "kernel"."api_keys" ("id" uuid not null, "tenant_id" uuid not null, "user_id" uuid not null, "name" text not null, "hash" bytea not null, "scope" jsonb null, "created_at" timestamptz not null default now(), "expires_at" timestamptz null, "revoked_at" timestamptz null, primary key ("id"));`);
    this.addSql(`create index "api_keys_user_id_index" on "kernel"."api_keys" ("user_id");`);
    this.addSql(`create index "api_keys_by_tenant" on "kernel"."api_keys" ("tenant_id");`);

    this.addSql(`create table "kernel"."audit_chains" ("tenant_id" uuid not null, "sequence" bigint not null, "hash" text not null, primary key ("tenant_id"));`);

    this.addSql(`create table "kernel"."audit_entries" ("tenant_id" uuid not null, "sequence" bigint not null, "entry" text not null, "hash" text not null, "action" text not null, "user_id" uuid null, "at" timestamptz not null, primary key ("tenant_id", "sequence"));`);
    this.addSql(`create index "audit_entries_by_time" on "kernel"."audit_entries" ("tenant_id", "at");`);

    this.addSql(`create table "kernel"."auth_changes" ("id" bigserial primary key, "at" timestamptz not null default now(), "revoked" boolean not null, "credential_id" uuid null, "user_id" uuid null, "tenant_id" uuid null);`);
    this.addSql(`create index "auth_changes_at_index" on "kernel"."auth_changes" ("at");`);

    this.addSql(`create table "kernel"."credentials" ("user_id" uuid not null, "kind" text not null, "secret" text not null, "changed_at" timestamptz not null default now(), primary key ("user_id", "kind"));`);

    this.addSql(`create table "kernel"."cron_due" ("tenant_id" uuid not null, "plugin_id" text not null, "name" text not null, "cron" text not null, "time_zone" text not null, "next_at" timestamptz not null, primary key ("tenant_id", "plugin_id", "name"));`);
    this.addSql(`create index "cron_due_next_at" on "kernel"."cron_due" ("next_at");`);

    this.addSql(`create table "kernel"."deployment_settings" ("name" text not null, "value" jsonb not null, "updated_at" timestamptz not null default now(), primary key ("name"));`);

    this.addSql(`create table "kernel"."files" ("tenant_id" uuid not null, "id" uuid not null, "plugin_id" text not null, "hash" text not null, "size_bytes" bigint not null, "mime_type" text not null, "declared_type" text null, "state" text not null, "expires_at" timestamptz null, "created_at" timestamptz not null default now(), primary key ("tenant_id", "id"));`);
    this.addSql(`create index "files_by_owner" on "kernel"."files" ("tenant_id", "plugin_id");`);
    this.addSql(`create index "files_by_hash" on "kernel"."files" ("tenant_id", "hash");`);
    this.addSql(`create index "files_by_expiry" on "kernel"."files" ("expires_at") where "expires_at" is not null;`);

    this.addSql(`create table "kernel"."idempotency" ("id" text not null, "state" text not null, "lease_owner" text not null, "lease_until" timestamptz not null, "body_hash" text null, "reply" bytea null, "expires_at" timestamptz not null, primary key ("id"));`);
    this.addSql(`create index "idempotency_by_expiry" on "kernel"."idempotency" ("expires_at");`);

    this.addSql(`create table "kernel"."job_progress" ("tenant_id" uuid not null, "job_id" uuid not null, "fraction" double precision not null, "note" text null, "result" jsonb null, "written_at" timestamptz not null default now(), primary key ("tenant_id", "job_id"));`);
    this.addSql(`create index "job_progress_written_at" on "kernel"."job_progress" ("written_at");`);

    this.addSql(`create table "kernel"."key_values" ("tenant_id" uuid not null, "plugin_id" text not null, "key" text not null, "value" json not null, "expires_at" timestamptz null, primary key ("tenant_id", "plugin_id", "key"));`);
    this.addSql(`create index "key_values_by_expiry" on "kernel"."key_values" ("expires_at") where "expires_at" is not null;`);

    this.addSql(`create table "kernel"."login_throttles" ("key" text not null, "failures" int not null, "last_at" timestamptz not null default now(), "locked_until" timestamptz null, primary key ("key"));`);

    this.addSql(`create table "kernel"."memberships" ("tenant_id" uuid not null, "user_id" uuid not null, "role" text not null, "created_at" timestamptz not null default now(), primary key ("tenant_id", "user_id"));`);
    this.addSql(`create index "memberships_by_user" on "kernel"."memberships" ("user_id");`);

    this.addSql(`create table "kernel"."outbox" ("tenant_id" uuid not null, "seq" bigserial not null, "kind" text not null, "body" jsonb not null, "written_at" timestamptz not null default now(), primary key ("tenant_id", "seq"));`);
    this.addSql(`create index "outbox_seq" on "kernel"."outbox" ("seq");`);

    this.addSql(`create table "kernel"."plugin_installations" ("tenant_id" uuid not null, "plugin_id" varchar(255) not null, "version" varchar(255) not null, "previous_version" varchar(255) null, "enabled" boolean not null, "grants" jsonb not null, "config" jsonb not null, "installed_by" uuid null, "revision" bigint not null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), primary key ("tenant_id", "plugin_id"));`);
    this.addSql(`create index "plugin_installations_revision_index" on "kernel"."plugin_installations" ("revision");`);

    this.addSql(`create table "kernel"."plugin_migrations" ("plugin_id" text not null, "version" text not null, "fingerprint" text not null, "statements" jsonb not null, "deferred" jsonb not null, "applied_at" timestamptz not null default now(), primary key ("plugin_id", "version"));`);

    this.addSql(`create table "kernel"."plugin_offers" ("tenant_id" uuid not null, "plugin_id" varchar(255) not null, "version" varchar(255) not null, "created_at" timestamptz not null default now(), primary key ("tenant_id", "plugin_id", "version"));`);

    this.addSql(`create table "kernel"."plugin_packages" ("id" varchar(255) not null, "version" varchar(255) not null, "manifest" jsonb not null, "code" text not null, "readme" text not null, "digest" varchar(255) not null, "publisher" varchar(255) not null, "key_id" varchar(255) not null, "every_tenant" boolean not null, "created_at" timestamptz not null default now(), primary key ("id", "version"));`);

    this.addSql(`create table "kernel"."plugin_usage" ("tenant_id" uuid not null, "plugin_id" varchar(255) not null, "rows" bigint not null default '0', "stored_bytes" bigint not null default '0', "kv_entries" bigint not null default '0', "queued_jobs" bigint not null default '0', primary key ("tenant_id", "plugin_id"));`);

    this.addSql(`create table "kernel"."publisher_keys" ("key_id" varchar(255) not null, "scope" varchar(255) not null, "publisher" varchar(255) not null, "public_key" varchar(255) not null, "valid_from" timestamptz not null default now(), "valid_until" timestamptz null, "revoked" boolean not null default false, primary key ("key_id", "scope"));`);

    this.addSql(`create table "kernel"."realtime_horizon" ("id" smallint not null, "pruned_through" bigint not null, primary key ("id"));`);

    this.addSql(`create table "kernel"."realtime_log" ("tenant_id" uuid not null, "seq" bigserial not null, "address" text not null, "event" text not null, "data" jsonb not null, "sent_at" timestamptz not null default now(), primary key ("tenant_id", "seq"));`);
    this.addSql(`create index "realtime_log_seq" on "kernel"."realtime_log" ("seq");`);

    this.addSql(`create table "kernel"."roles" ("tenant_id" uuid not null, "id" uuid not null, "name" text not null, "permissions" jsonb not null, "created_at" timestamptz not null default now(), primary key ("tenant_id", "id"));`);

    this.addSql(`create table "kernel"."secrets" ("tenant_id" uuid not null, "plugin_id" text not null, "name" text not null, "sealed" bytea not null, "updated_at" timestamptz not null default now(), primary key ("tenant_id", "plugin_id", "name"));`);

    this.addSql(`create table "kernel"."sessions" ("id" uuid not null, "user_id" uuid not null, "tenant_id" uuid null, "impersonator_id" uuid null, "family_key" bytea not null, "current_hash" bytea not null, "previous_hash" bytea null, "rotated_at" timestamptz null, "successor" bytea null, "address" text null, "user_agent" text null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz not null default now(), "expires_at" timestamptz not null, "revoked_at" timestamptz null, "revoked_for" text null, primary key ("id"));`);
    this.addSql(`create index "sessions_user_id_index" on "kernel"."sessions" ("user_id");`);
    this.addSql(`create index "sessions_expires_at_index" on "kernel"."sessions" ("expires_at");`);

    this.addSql(`create table "kernel"."setup_tokens" ("hash" text not null, "expires_at" timestamptz not null, primary key ("hash"));`);

    this.addSql(`create table "kernel"."signals" ("topic" text not null, "generation" bigint not null, primary key ("topic"));`);

    this.addSql(`create table "kernel"."signing_keys" ("kid" text not null, "public_key" text not null, "private_sealed" bytea not null, "created_at" timestamptz not null default now(), "signs_from" timestamptz not null, "signs_until" timestamptz not null, "verifies_until" timestamptz not null, primary key ("kid"));`);

    this.addSql(`create table "kernel"."blobs" ("tenant_id" uuid not null, "hash" text not null, "size_bytes" bigint not null, "stored" boolean not null, "created_at" timestamptz not null default now(), primary key ("tenant_id", "hash"));`);

    this.addSql(`create table "kernel"."tenants" ("id" uuid not null, "name" text not null, "status" text not null, "created_at" timestamptz not null default now(), primary key ("id"));`);

    this.addSql(`create table "kernel"."users" ("id" uuid not null, "email" text not null, "email_verified_at" timestamptz null, "first_name" text not null, "last_name" text not null, "status" text not null, "operator" boolean not null, "created_at" timestamptz not null default now(), primary key ("id"));`);
    this.addSql(`alter table "kernel"."users" add constraint "users_email_unique" unique ("email");`);

    this.addSql(`create table "kernel"."vault_keys" ("id" text not null, "wrapped" bytea not null, "master_key_id" text not null, "active" boolean not null, "rotating_to" text null, "created_at" timestamptz not null default now(), primary key ("id"));`);
    this.addSql(`create unique index "vault_keys_one_active" on "kernel"."vault_keys" ("active") where "active" = true;`);

    this.addSql(`alter table "kernel"."api_keys" enable row level security;`);
    this.addSql(`alter table "kernel"."api_keys" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."api_keys" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."audit_chains" enable row level security;`);
    this.addSql(`alter table "kernel"."audit_chains" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."audit_chains" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."audit_chains" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."audit_entries" enable row level security;`);
    this.addSql(`alter table "kernel"."audit_entries" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."audit_entries" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."audit_entries" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."auth_changes" enable row level security;`);
    this.addSql(`alter table "kernel"."auth_changes" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."auth_changes" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."credentials" enable row level security;`);
    this.addSql(`alter table "kernel"."credentials" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."credentials" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."cron_due" enable row level security;`);
    this.addSql(`alter table "kernel"."cron_due" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."cron_due" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."cron_due" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."deployment_settings" enable row level security;`);
    this.addSql(`alter table "kernel"."deployment_settings" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."deployment_settings" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."files" enable row level security;`);
    this.addSql(`alter table "kernel"."files" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."files" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."files" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."idempotency" enable row level security;`);
    this.addSql(`alter table "kernel"."idempotency" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."idempotency" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."job_progress" enable row level security;`);
    this.addSql(`alter table "kernel"."job_progress" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."job_progress" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."job_progress" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."key_values" enable row level security;`);
    this.addSql(`alter table "kernel"."key_values" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."key_values" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."key_values" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."login_throttles" enable row level security;`);
    this.addSql(`alter table "kernel"."login_throttles" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."login_throttles" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."memberships" enable row level security;`);
    this.addSql(`alter table "kernel"."memberships" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."memberships" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."memberships" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."outbox" enable row level security;`);
    this.addSql(`alter table "kernel"."outbox" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."outbox" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."outbox" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."plugin_installations" enable row level security;`);
    this.addSql(`alter table "kernel"."plugin_installations" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."plugin_installations" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."plugin_installations" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."plugin_migrations" enable row level security;`);
    this.addSql(`alter table "kernel"."plugin_migrations" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."plugin_migrations" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."plugin_offers" enable row level security;`);
    this.addSql(`alter table "kernel"."plugin_offers" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."plugin_offers" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."plugin_offers" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."plugin_packages" enable row level security;`);
    this.addSql(`alter table "kernel"."plugin_packages" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."plugin_packages" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."plugin_usage" enable row level security;`);
    this.addSql(`alter table "kernel"."plugin_usage" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."plugin_usage" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."plugin_usage" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."publisher_keys" enable row level security;`);
    this.addSql(`alter table "kernel"."publisher_keys" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."publisher_keys" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."realtime_horizon" enable row level security;`);
    this.addSql(`alter table "kernel"."realtime_horizon" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."realtime_horizon" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."realtime_log" enable row level security;`);
    this.addSql(`alter table "kernel"."realtime_log" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."realtime_log" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."realtime_log" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."roles" enable row level security;`);
    this.addSql(`alter table "kernel"."roles" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."roles" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."roles" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."secrets" enable row level security;`);
    this.addSql(`alter table "kernel"."secrets" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."secrets" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."secrets" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."sessions" enable row level security;`);
    this.addSql(`alter table "kernel"."sessions" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."sessions" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."setup_tokens" enable row level security;`);
    this.addSql(`alter table "kernel"."setup_tokens" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."setup_tokens" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."signing_keys" enable row level security;`);
    this.addSql(`alter table "kernel"."signing_keys" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."signing_keys" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."blobs" enable row level security;`);
    this.addSql(`alter table "kernel"."blobs" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."blobs" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."blobs" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."tenants" enable row level security;`);
    this.addSql(`alter table "kernel"."tenants" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."tenants" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."users" enable row level security;`);
    this.addSql(`alter table "kernel"."users" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."users" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."vault_keys" enable row level security;`);
    this.addSql(`alter table "kernel"."vault_keys" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."vault_keys" to "proofpix_system" using (true) with check (true);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "kernel"."api_keys" cascade;`);
    this.addSql(`drop table if exists "kernel"."audit_chains" cascade;`);
    this.addSql(`drop table if exists "kernel"."audit_entries" cascade;`);
    this.addSql(`drop table if exists "kernel"."auth_changes" cascade;`);
    this.addSql(`drop table if exists "kernel"."credentials" cascade;`);
    this.addSql(`drop table if exists "kernel"."cron_due" cascade;`);
    this.addSql(`drop table if exists "kernel"."deployment_settings" cascade;`);
    this.addSql(`drop table if exists "kernel"."files" cascade;`);
    this.addSql(`drop table if exists "kernel"."idempotency" cascade;`);
    this.addSql(`drop table if exists "kernel"."job_progress" cascade;`);
    this.addSql(`drop table if exists "kernel"."key_values" cascade;`);
    this.addSql(`drop table if exists "kernel"."login_throttles" cascade;`);
    this.addSql(`drop table if exists "kernel"."memberships" cascade;`);
    this.addSql(`drop table if exists "kernel"."outbox" cascade;`);
    this.addSql(`drop table if exists "kernel"."plugin_installations" cascade;`);
    this.addSql(`drop table if exists "kernel"."plugin_migrations" cascade;`);
    this.addSql(`drop table if exists "kernel"."plugin_offers" cascade;`);
    this.addSql(`drop table if exists "kernel"."plugin_packages" cascade;`);
    this.addSql(`drop table if exists "kernel"."plugin_usage" cascade;`);
    this.addSql(`drop table if exists "kernel"."publisher_keys" cascade;`);
    this.addSql(`drop table if exists "kernel"."realtime_horizon" cascade;`);
    this.addSql(`drop table if exists "kernel"."realtime_log" cascade;`);
    this.addSql(`drop table if exists "kernel"."roles" cascade;`);
    this.addSql(`drop table if exists "kernel"."secrets" cascade;`);
    this.addSql(`drop table if exists "kernel"."sessions" cascade;`);
    this.addSql(`drop table if exists "kernel"."setup_tokens" cascade;`);
    this.addSql(`drop table if exists "kernel"."signals" cascade;`);
    this.addSql(`drop table if exists "kernel"."signing_keys" cascade;`);
    this.addSql(`drop table if exists "kernel"."blobs" cascade;`);
    this.addSql(`drop table if exists "kernel"."tenants" cascade;`);
    this.addSql(`drop table if exists "kernel"."users" cascade;`);
    this.addSql(`drop table if exists "kernel"."vault_keys" cascade;`);

    this.addSql(`drop schema if exists "kernel";`);
  }

}
