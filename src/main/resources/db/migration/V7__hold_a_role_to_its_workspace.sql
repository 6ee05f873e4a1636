-- The second wall: a role that does not own the tables sees and writes the rows of one workspace, the one that its
-- transaction has set, and without one none. The owner is not held, as nothing is forced: the engine, migrations,
-- housekeeping and an installation with one role go on as before, and so does the release before.

-- rather fail, and be tried again, than keep everybody waiting behind somebody's long look at a table
set local lock_timeout = '3s';

-- The setting is empty, or null, where the transaction has none; then no row is its workspace's. The expression is
-- written out in every policy: a function is parsed again whenever a statement is planned.
alter table workspace enable row level security;
create policy of_workspace on workspace
  using (id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table api_key enable row level security;
create policy of_workspace on api_key
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table secret enable row level security;
create policy of_workspace on secret
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table audit_entry enable row level security;
create policy of_workspace on audit_entry
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table workflow enable row level security;
create policy of_workspace on workflow
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table workflow_version enable row level security;
create policy of_workspace on workflow_version
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table execution enable row level security;
create policy of_workspace on execution
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table execution_queue enable row level security;
create policy of_workspace on execution_queue
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table execution_label enable row level security;
create policy of_workspace on execution_label
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table step_run enable row level security;
create policy of_workspace on step_run
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table execution_stat enable row level security;
create policy of_workspace on execution_stat
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table execution_stat_change enable row level security;
create policy of_workspace on execution_stat_change
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table notification enable row level security;
create policy of_workspace on notification
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table task enable row level security;
create policy of_workspace on task
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);

alter table stream_ticket enable row level security;
create policy of_workspace on stream_ticket
  using (workspace_id = nullif(current_setting('stepwell.workspace', true), '')::uuid);
