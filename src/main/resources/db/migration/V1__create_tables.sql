-- Every table carries workspace_id; ids are UUIDs of version 7, so ordering by id is ordering by creation.

create table workspace (
  id          uuid primary key,
  slug        text not null check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  name        text not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  deleted_at  timestamptz
);
-- a slug is free again once its workspace is deleted
create unique index workspace_slug on workspace (slug) where deleted_at is null;

create table api_key (
  id            uuid primary key,
  workspace_id  uuid not null references workspace,
  name          text not null,
  role          text not null check (role in ('viewer', 'operator', 'editor', 'admin')),
  prefix        text not null,
  hash          bytea not null unique,
  user_id       text,
  created_at    timestamptz not null,
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz
);
-- the list of a workspace's keys, newest first
create index api_key_list on api_key (workspace_id, id desc) where revoked_at is null;

create table secret (
  id            uuid primary key,
  workspace_id  uuid not null references workspace,
  name          text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,63}$'),
  ciphertext    bytea not null,
  updated_at    timestamptz not null,
  updated_by    text not null,
  unique (workspace_id, name)
);
-- the list of a workspace's secrets, newest first
create index secret_list on secret (workspace_id, id desc);

create table audit_entry (
  id            uuid primary key,
  workspace_id  uuid,
  actor         text not null,
  verb          text not null,
  subject       text not null,
  at            timestamptz not null
);
create index audit_entry_list on audit_entry (workspace_id, id desc);

create table workflow (
  id            uuid primary key,
  workspace_id  uuid not null references workspace,
  key           text not null check (key ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  version       int not null check (version >= 1),
  -- of the current version, so that neither the list nor an execute reads a document
  name          text not null,
  description   text,
  enabled       boolean not null,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  archived_at   timestamptz
);
-- a key is free again once its workflow is archived
create unique index workflow_key on workflow (workspace_id, key) where archived_at is null;
-- the history of a key that no live workflow has: the last one that had it
create index workflow_archived_key on workflow (workspace_id, key, id desc) where archived_at is not null;
create index workflow_list on workflow (workspace_id, id desc) where archived_at is null;

create table workflow_version (
  workflow_id   uuid not null references workflow,
  version       int not null,
  workspace_id  uuid not null references workspace,
  definition    json not null,
  created_at    timestamptz not null,
  created_by    text not null,
  primary key (workflow_id, version)
);

-- The row is the queue: due means unfinished and due_at <= now(). A claim sets a new lease_token, the fence of every
-- later write, and due_at to the end of the lease, so that the execution of a dead replica is simply due again.
create table execution (
  id                uuid primary key,
  workspace_id      uuid not null references workspace,
  workflow_id       uuid not null references workflow,
  workflow_version  int not null,
  status            text not null
    check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  trigger_data      json not null,
  labels            jsonb not null default '{}',
  user_id           text not null,
  idempotency_key   text,
  request_hash      bytea,
  created_at        timestamptz not null,
  started_at        timestamptz,
  finished_at       timestamptz,
  error             json,
  total_steps       int not null,
  successful_steps  int not null default 0,
  failed_steps      int not null default 0,
  skipped_steps     int not null default 0,
  -- the percentage that a retry started from: progress never falls below it
  percentage_floor  int not null default 0,
  -- the last change number that a step of this execution was given
  change            int not null default 0,
  due_at            timestamptz,
  lease_token       uuid,
  claims            int not null default 0,
  check ((status in ('COMPLETED', 'FAILED', 'CANCELLED')) = (finished_at is not null)),
  check (finished_at is null or (due_at is null and lease_token is null)),
  check (finished_at is not null or due_at is not null),
  check (status <> 'PENDING' or lease_token is null),
  check ((idempotency_key is null) = (request_hash is null)),
  foreign key (workflow_id, workflow_version) references workflow_version (workflow_id, version)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
-- what is due, oldest first: the claim
create index execution_due on execution (due_at) where finished_at is null;
-- the lists
create index execution_by_workflow on execution (workflow_id, id desc);
create index execution_by_workspace on execution (workspace_id, id desc);
create index execution_by_status on execution (workflow_id, status, id desc);
create index execution_by_label on execution using gin (labels jsonb_path_ops) where labels <> '{}';
-- the live part of the statistics
create index execution_live on execution (workspace_id, workflow_id, status) where finished_at is null;
create unique index execution_idempotency on execution (workflow_id, idempotency_key)
  where idempotency_key is not null;

create table step_run (
  execution_id  uuid not null references execution,
  path          text not null,
  workspace_id  uuid not null,
  index         int not null,
  status        text not null check (status in ('RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELLED')),
  attempts      int not null,
  -- grows with every change of a step of the execution: what a stream resumes after
  change        int not null,
  output        json,
  error         json,
  started_at    timestamptz,
  finished_at   timestamptz,
  -- RUNNING, and holding no thread: waiting for a time, for a task, or for the next attempt
  pause         text check (pause in ('TIMER', 'SIGNAL', 'BACKOFF')),
  resume_at     timestamptz,
  -- what ended a wait for a signal: {"output": …} or {"error": {"code", "message"}}
  signal        json,
  primary key (execution_id, path),
  check ((status = 'RUNNING') = (finished_at is null)),
  check (pause is null or status = 'RUNNING'),
  check ((pause in ('TIMER', 'BACKOFF')) is not true or resume_at is not null)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

-- Which bucket of the duration histogram holds a duration: below 128 ms each millisecond has its own, above that each
-- doubling is divided into 128, so that a bucket's middle is at most 0.4 % away from what it holds.
create function duration_bucket(ms bigint) returns smallint language sql immutable parallel safe as $$
  select (case
    when ms < 128 then greatest(ms, 0)
    else (e.exponent - 6) * 128 + ((ms >> (e.exponent - 7)::int) & 127)
  end)::smallint
  from (select length(ltrim(ms::bit(63)::text, '0')) - 1 as exponent) e
$$;

-- Finished executions, counted by the hour of their creation ('-infinity': of all time), status and duration. The
-- shard keeps replicas from waiting for each other's rows.
create table execution_stat (
  workflow_id   uuid not null references workflow,
  period_start  timestamptz not null,
  status        text not null check (status in ('COMPLETED', 'FAILED', 'CANCELLED')),
  bucket        smallint not null,
  shard         smallint not null,
  workspace_id  uuid not null,
  executions    bigint not null,
  duration_ms   bigint not null,
  primary key (workflow_id, period_start, status, bucket, shard)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index execution_stat_by_workspace on execution_stat (workspace_id, period_start);

create table notification (
  id            uuid primary key,
  workspace_id  uuid not null references workspace,
  execution_id  uuid not null references execution,
  step_path     text not null,
  channel       text not null check (channel in ('inbox', 'email', 'webhook')),
  recipient     text not null,
  subject       text,
  message       text not null,
  url           text,
  created_at    timestamptz not null,
  delivered_at  timestamptz,
  read_at       timestamptz
);
create index notification_list on notification (workspace_id, id desc);
create index notification_by_recipient on notification (workspace_id, recipient, id desc);
-- what somebody has not read, among all that was ever sent
create index notification_unread on notification (workspace_id, recipient, id desc) where read_at is null;

create table task (
  id                   uuid primary key,
  workspace_id         uuid not null references workspace,
  execution_id         uuid not null references execution,
  step_path            text not null,
  title                text not null,
  description          text,
  priority             text not null check (priority in ('LOW', 'MEDIUM', 'HIGH', 'URGENT')),
  assigned_to          text,
  due_at               timestamptz,
  status               text not null check (status in ('OPEN', 'IN_PROGRESS', 'DONE', 'CANCELLED')),
  wait_for_completion  boolean not null,
  result               json,
  completed_by         text,
  created_at           timestamptz not null,
  updated_at           timestamptz not null,
  completed_at         timestamptz,
  check ((status in ('DONE', 'CANCELLED')) = (completed_at is not null))
);
create index task_list on task (workspace_id, id desc);
create index task_by_assignee on task (workspace_id, assigned_to, id desc);
-- what people still have to do, among all that was ever done
create index task_unfinished on task (workspace_id, id desc) where status in ('OPEN', 'IN_PROGRESS');
-- what the cancellation of an execution cancels, under its lock
create index task_waiting on task (execution_id)
  where wait_for_completion and status in ('OPEN', 'IN_PROGRESS');

-- A pass for one stream: what a browser's EventSource gives instead of a header. Only a hash is stored.
create table stream_ticket (
  hash           bytea primary key,
  workspace_id   uuid not null references workspace,
  execution_id   uuid not null references execution,
  user_id        text not null,
  expires_at     timestamptz not null,
  first_used_at  timestamptz
);
create index stream_ticket_expiry on stream_ticket (expires_at);
