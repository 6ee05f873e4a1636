-- Changes that belong together, since all of them rewrite the keys and indexes of the same tables.
--
-- Every primary key and unique constraint begins with workspace_id, so that a workspace can be moved as a unit and the
-- tables can be distributed by it. Three look-ups come before the workspace is known: a workspace by its slug, a key and
-- a ticket by their hash.
--
-- And what changes at every claim and renewal leaves the wide row of an execution for a narrow one that is there while
-- the execution is unfinished: execution_queue.
--
-- This release is the first one, and it locks its tables for as long as the keys are built: stop older replicas before.

create table execution_queue (
  workspace_id  uuid not null,
  execution_id  uuid not null,
  -- when it next needs a replica: while one has it, when its lease ends; 'infinity' while it waits for a signal
  due_at        timestamptz not null,
  -- the fence of every write of the replica that has it
  lease_token   uuid,
  -- taken this often without progress
  claims        int not null default 0 check (claims >= 0),
  -- what a claim reads at least: the trigger data
  bytes         int not null default 0 check (bytes >= 0),
  -- the number of the last change of a step, as the last release wrote it
  change        int not null default 0,
  primary key (workspace_id, execution_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = off);

insert into execution_queue (workspace_id, execution_id, due_at, lease_token, claims, bytes)
select e.workspace_id, e.id, e.due_at, e.lease_token, e.claims, octet_length(e.trigger_data::text)
from execution e
where e.finished_at is null;

-- what is due, oldest first
create index execution_queue_due on execution_queue (due_at);
-- the same of one workspace, and which workspace is the next that has something due
create index execution_queue_due_by_workspace on execution_queue (workspace_id, due_at);

-- the columns take the index of what is due and three checks with them
alter table execution
  drop column due_at,
  drop column lease_token,
  drop column claims;

-- The journal writes rows of steps, notifications and tasks only while it holds the queue's row of their execution: a
-- reference to the execution would check the same again, once a row, and wait for anybody who has locked it.
alter table step_run drop constraint step_run_execution_id_fkey;
alter table notification
  drop constraint notification_execution_id_fkey,
  drop constraint notification_workspace_id_fkey;
alter table task
  drop constraint task_execution_id_fkey,
  drop constraint task_workspace_id_fkey;
alter table stream_ticket drop constraint stream_ticket_execution_id_fkey;
alter table execution_stat drop constraint execution_stat_workflow_id_fkey1;
alter table execution
  drop constraint execution_workflow_id_fkey,
  drop constraint execution_workflow_id_workflow_version_fkey,
  -- its version belongs to a workflow, which belongs to the workspace
  drop constraint execution_workspace_id_fkey;
alter table workflow_version
  drop constraint workflow_version_workflow_id_fkey,
  drop constraint workflow_version_workspace_id_fkey;

alter table api_key drop constraint api_key_pkey, add primary key (workspace_id, id);
alter table secret drop constraint secret_pkey, add primary key (workspace_id, id);
alter table audit_entry drop constraint audit_entry_pkey, add primary key (workspace_id, id);
alter table workflow drop constraint workflow_pkey, add primary key (workspace_id, id);
alter table workflow_version
  drop constraint workflow_version_pkey,
  add primary key (workspace_id, workflow_id, version),
  add foreign key (workspace_id, workflow_id) references workflow;
alter table execution
  drop constraint execution_pkey,
  add primary key (workspace_id, id),
  add foreign key (workspace_id, workflow_id, workflow_version) references workflow_version;
alter table step_run drop constraint step_run_pkey, add primary key (workspace_id, execution_id, path);
alter table execution_stat
  drop constraint execution_stat_pkey,
  add primary key (workspace_id, workflow_id, period, period_start, status, bucket),
  add foreign key (workspace_id, workflow_id) references workflow;
alter table execution_stat_change
  add column id bigint generated always as identity,
  add primary key (workspace_id, id);
alter table notification drop constraint notification_pkey, add primary key (workspace_id, id);
alter table task drop constraint task_pkey, add primary key (workspace_id, id);
alter table stream_ticket add foreign key (workspace_id, execution_id) references execution on delete cascade;

-- The key serves what these did, read backwards.
drop index secret_list, audit_entry_list, notification_list, task_list, execution_by_workspace;

drop index execution_by_workflow, execution_by_status, execution_by_label, execution_idempotency;
create unique index execution_idempotency on execution (workspace_id, workflow_id, idempotency_key)
  where idempotency_key is not null;

-- Every filter of the lists of executions, alone and together with a range of time, gives its page from the end of one
-- index. The status stands before the id, so that a list of all of them merges a page of each.
-- the list of a workspace, and by status
create index execution_by_status on execution (workspace_id, status, id);
-- the list of a workflow, and by status
create index execution_by_workflow on execution (workspace_id, workflow_id, status, id);
-- what a user started, and by status, in the workspace and of a workflow
create index execution_by_user on execution (workspace_id, user_id, status, id);
create index execution_by_workflow_and_user on execution (workspace_id, workflow_id, user_id, status, id);

-- The labels of executions, each key:value, so that also a label that a million executions have gives its newest ones
-- in order. Labels never change.
create table execution_label (
  workspace_id  uuid not null,
  label         text not null,
  execution_id  uuid not null,
  workflow_id   uuid not null,
  primary key (workspace_id, label, execution_id)
);
insert into execution_label (workspace_id, label, execution_id, workflow_id)
select e.workspace_id, l.key || ':' || l.value, e.id, e.workflow_id
from execution e
cross join lateral jsonb_each_text(e.labels) l
where e.labels <> '{}';
-- the label's list of a workflow
create index execution_label_by_workflow on execution_label (workspace_id, workflow_id, label, execution_id);

-- what belongs to an execution: its end and its purge ask for it
drop index task_waiting;
create index task_waiting on task (workspace_id, execution_id)
  where wait_for_completion and status in ('OPEN', 'IN_PROGRESS');
create index task_by_execution on task (workspace_id, execution_id);
create index notification_by_execution on notification (workspace_id, execution_id);
create index stream_ticket_by_execution on stream_ticket (workspace_id, execution_id);
