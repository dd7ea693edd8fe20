import { Migration } from '@mikro-orm/migrations';

export class Migration20261123013920_scratch extends Migration {

  override name = 'Migration20261123013920_scratch';

  override up(): void | Promise<void> {
    this.addSql(`create table "kernel"."scratch_ends" ("session_id" text not null, "node_id" text not null, "tenant_id" uuid not null, "plugin_id" text not null, "asked_at" timestamptz not null default now(), primary key ("session_id"));`);
    this.addSql(`create index "scratch_ends_by_node" on "kernel"."scratch_ends" ("node_id");`);

    this.addSql(`create table "kernel"."scratch_nodes" ("id" text not null, "seen_at" timestamptz not null default now(), primary key ("id"));`);

    this.addSql(`alter table "kernel"."scratch_ends" enable row level security;`);
    this.addSql(`alter table "kernel"."scratch_ends" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."scratch_ends" to "proofpix_system" using (true) with check (true);`);

    this.addSql(`alter table "kernel"."scratch_nodes" enable row level security;`);
    this.addSql(`alter table "kernel"."scratch_nodes" force row level security;`);
    this.addSql(`create policy "system_wall" on "kernel"."scratch_nodes" to "proofpix_system" using (true) with check (true);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "kernel"."scratch_ends" cascade;`);
    this.addSql(`drop table if exists "kernel"."scratch_nodes" cascade;`);
  }

}
