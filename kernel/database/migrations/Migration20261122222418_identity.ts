import { Migration } from '@mikro-orm/migrations';

export class Migration20261122222418_identity extends Migration {

  override name = 'Migration20261122222418_identity';

  override up(): void | Promise<void> {
    this.addSql(`create table "kernel"."api_key_usage" ("tenant_id" uuid not null, "key_id" uuid not null, "day" date not null, "endpoint" text not null, "requests" bigint not null, "errors" bigint not null, primary key ("tenant_id", "key_id", "day", "endpoint"));`);

    this.addSql(`create table "kernel"."external_identities" ("issuer" text not null, "subject" text not null, "provider" text not null, "user_id" uuid not null, "email" text null, "tokens_sealed" bytea null, "tokens_expire_at" timestamptz null, "refresh_lease" uuid null, "refresh_lease_until" timestamptz null, "refreshed_at" timestamptz null, "linked_at" timestamptz not null default now(), "last_used_at" timestamptz null, primary key ("issuer", "subject"));`);
    this.addSql(`alter table "kernel"."external_identities" add constraint "external_identities_by_user" unique ("user_id", "provider");`);

    this.addSql(`create table "kernel"."mails" ("id" uuid not null, "tenant_id" uuid null, "recipient" text not null, "subject" text not null, "body_sealed" bytea null, "purpose" text not null, "state" text not null, "attempts" int not null default 0, "next_at" timestamptz null, "expires_at" timestamptz not null, "claimed_until" timestamptz null, "last_error" text null, "created_at" timestamptz not null default now(), "sent_at" timestamptz null, primary key ("id"));`);
    this.addSql(`create index "mails_by_due" on "kernel"."mails" ("state", "next_at");`);
    this.addSql(`create index "mails_by_created" on "kernel"."mails" ("created_at");`);

    this.addSql(`create table "kernel"."one_time_tokens" ("hash" text not null, "purpose" text not null, "user_id" uuid null, "data_sealed" bytea null, "attempts" int not null default 0, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, primary key ("hash"));`);
    this.addSql(`create index "one_time_tokens_user_id_index" on "kernel"."one_time_tokens" ("user_id");`);
    this.addSql(`create index "one_time_tokens_expires_at_index" on "kernel"."one_time_tokens" ("expires_at");`);

    this.addSql(`create table "kernel"."passkeys" ("id" text not null, "user_id" uuid not null, "name" text not null, "public_key" bytea not null, "counter" bigint not null, "transports" jsonb not null, "backed_up" boolean not null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz null, primary key ("id"));`);
    this.addSql(`create index "passkeys_user_id_index" on "kernel"."passkeys" ("user_id");`);

    this.addSql(`create table "kernel"."recovery_codes" ("user_id" uuid not null, "hash" text not null, primary key ("user_id", "hash"));`);

    this.addSql(`create table "kernel"."request_nonces" ("key_id" uuid not null, "nonce" text not null, "expires_at" timestamptz not null, primary key ("key_id", "nonce"));`);
    this.addSql(`create index "request_nonces_expires_at_index" on "kernel"."request_nonces" ("expires_at");`);

    this.addSql(`create table "kernel"."role_assignments" ("tenant_id" uuid not null, "user_id" uuid not null, "role_id" uuid not null, "granted_by" uuid null, "granted_at" timestamptz not null default now(), primary key ("tenant_id", "user_id", "role_id"));`);
    this.addSql(`create index "role_assignments_by_role" on "kernel"."role_assignments" ("tenant_id", "role_id");`);

    this.addSql(`create table "kernel"."totp_secrets" ("user_id" uuid not null, "sealed" bytea not null, "confirmed_at" timestamptz null, "last_step" bigint null, "created_at" timestamptz not null default now(), primary key ("user_id"));`);

    this.addSql(`alter table "kernel"."api_keys" add "previous_hash" bytea null, add "previous_until" timestamptz null, add "rotated_at" timestamptz null, add "addresses" jsonb null, add "requests_per_minute" int null, add "signing_sealed" bytea null, add "last_used_at" timestamptz null;`);

    this.addSql(`alter table "kernel"."auth_changes" add "role_id" uuid null;`);

    this.addSql(`alter table "kernel"."audit_entries" add "target" text null;`);
    this.addSql(`create index "audit_entries_by_target" on "kernel"."audit_entries" ("tenant_id", "target", "sequence");`);
    this.addSql(`create index "audit_entries_by_user" on "kernel"."audit_entries" ("tenant_id", "user_id", "sequence");`);

    this.addSql(`alter table "kernel"."memberships" add "granted_by" uuid null, add "granted_at" timestamptz not null default now();`);
    this.addSql(`create index "memberships_by_role" on "kernel"."memberships" ("tenant_id", "role");`);

    this.addSql(`alter table "kernel"."roles" add "description" text not null default '', add "created_by" uuid null, add "updated_at" timestamptz not null default now();`);
    this.addSql(`alter table "kernel"."roles" add constraint "roles_by_name" unique ("tenant_id", "name");`);

    this.addSql(`alter table "kernel"."sessions" add "method" text not null default 'password', add "second_factor" boolean not null default false;`);

    this.addSql(`alter table "kernel"."tenants" add "deleted_at" timestamptz null;`);

    this.addSql(`alter table "kernel"."users" add "last_login_at" timestamptz null, add "erase_at" timestamptz null;`);
    this.addSql(`create index "users_by_erase_at" on "kernel"."users" ("erase_at");`);

    this.addSql(`create table "kernel"."avatars" ("user_id" uuid not null, "size" int not null, "content" bytea not null, "sha256" text not null, "updated_at" timestamptz not null default now(), primary key ("user_id", "size"));`);
    this.addSql(`alter table "kernel"."users" add "profile" jsonb not null default '{}', add "preferences" jsonb not null default '{}';`);
    this.addSql(`create index "sessions_by_impersonator" on "kernel"."sessions" ("impersonator_id") where impersonator_id is not null;`);
    this.addSql(`create index "users_by_created" on "kernel"."users" ("created_at", "id");`);
    this.addSql(`create index "users_by_email_text" on "kernel"."users" ("email" collate "C");`);
    this.addSql(`create index "users_by_first_name" on "kernel"."users" (lower("first_name") collate "C");`);
    this.addSql(`create index "users_by_last_name" on "kernel"."users" (lower("last_name") collate "C", lower("first_name") collate "C", "id");`);
    this.addSql(`alter table "kernel"."memberships" add "suspended_at" timestamptz null;`);
    this.addSql(`create index "audit_entries_of_person" on "kernel"."audit_entries" ("user_id", "at");`);

    this.addSql(`alter table "kernel"."api_key_usage" enable row level security;`);
    this.addSql(`alter table "kernel"."api_key_usage" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."api_key_usage" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."api_key_usage" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."avatars" enable row level security;`);
    this.addSql(`alter table "kernel"."avatars" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."avatars" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."external_identities" enable row level security;`);
    this.addSql(`alter table "kernel"."external_identities" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."external_identities" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."mails" enable row level security;`);
    this.addSql(`alter table "kernel"."mails" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."mails" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."one_time_tokens" enable row level security;`);
    this.addSql(`alter table "kernel"."one_time_tokens" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."one_time_tokens" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."passkeys" enable row level security;`);
    this.addSql(`alter table "kernel"."passkeys" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."passkeys" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."recovery_codes" enable row level security;`);
    this.addSql(`alter table "kernel"."recovery_codes" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."recovery_codes" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."request_nonces" enable row level security;`);
    this.addSql(`alter table "kernel"."request_nonces" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."request_nonces" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."role_assignments" enable row level security;`);
    this.addSql(`alter table "kernel"."role_assignments" force row level security;`);
    this.addSql(`create policy "tenant_wall" on "kernel"."role_assignments" to "proofpix_app" using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);`);
    this.addSql(`create policy "system_wall" on "kernel"."role_assignments" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."totp_secrets" enable row level security;`);
    this.addSql(`alter table "kernel"."totp_secrets" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."totp_secrets" to "proofpix_system" using (true) with check (true);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "kernel"."api_key_usage" cascade;`);
    this.addSql(`drop table if exists "kernel"."avatars" cascade;`);
    this.addSql(`drop table if exists "kernel"."external_identities" cascade;`);
    this.addSql(`drop table if exists "kernel"."mails" cascade;`);
    this.addSql(`drop table if exists "kernel"."one_time_tokens" cascade;`);
    this.addSql(`drop table if exists "kernel"."passkeys" cascade;`);
    this.addSql(`drop table if exists "kernel"."recovery_codes" cascade;`);
    this.addSql(`drop table if exists "kernel"."request_nonces" cascade;`);
    this.addSql(`drop table if exists "kernel"."role_assignments" cascade;`);
    this.addSql(`drop table if exists "kernel"."totp_secrets" cascade;`);

    this.addSql(`alter table "kernel"."api_keys" drop column "previous_hash", drop column "previous_until", drop column "rotated_at", drop column "addresses", drop column "requests_per_minute", drop column "signing_sealed", drop column "last_used_at";`);

    this.addSql(`alter table "kernel"."auth_changes" drop column "role_id";`);

    this.addSql(`drop index "kernel"."audit_entries_by_target";`);
    this.addSql(`alter table "kernel"."audit_entries" drop column "target";`);
    this.addSql(`drop index "kernel"."audit_entries_by_user";`);

    this.addSql(`drop index "kernel"."memberships_by_role";`);
    this.addSql(`alter table "kernel"."memberships" drop column "granted_by", drop column "granted_at";`);

    this.addSql(`alter table "kernel"."roles" drop constraint "roles_by_name";`);
    this.addSql(`alter table "kernel"."roles" drop column "description", drop column "created_by", drop column "updated_at";`);

    this.addSql(`alter table "kernel"."sessions" drop column "method", drop column "second_factor";`);

    this.addSql(`alter table "kernel"."tenants" drop column "deleted_at";`);

    this.addSql(`drop index "kernel"."sessions_by_impersonator";`);
    this.addSql(`drop index "kernel"."audit_entries_of_person";`);
    this.addSql(`alter table "kernel"."memberships" drop column "suspended_at";`);
    this.addSql(`drop index "kernel"."users_by_created";`);
    this.addSql(`drop index "kernel"."users_by_email_text";`);
    this.addSql(`drop index "kernel"."users_by_first_name";`);
    this.addSql(`drop index "kernel"."users_by_last_name";`);
    this.addSql(`alter table "kernel"."users" drop column "profile", drop column "preferences";`);

    this.addSql(`drop index "kernel"."users_by_erase_at";`);
    this.addSql(`alter table "kernel"."users" drop column "last_login_at", drop column "erase_at";`);
  }

}
