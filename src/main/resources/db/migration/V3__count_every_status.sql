-- Statistics from counts alone: of what is unfinished too, and by day, so that neither a million waiting executions nor
-- a range of years makes them dear.

-- What changed since the counts below were last brought up to date: written by the transaction that changed the status
-- of executions, so that the two together are exact at any moment. Rows are only added, so nobody waits for anybody.
create table execution_stat_change (
  workspace_id  uuid not null,
  workflow_id   uuid not null,
  -- of the executions' creation
  hour          timestamptz not null,
  status        text not null,
  bucket        smallint not null,
  -- negative for what has left the status
  executions    bigint not null,
  duration_ms   bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, vacuum_truncate = off);

-- old replicas would change executions without counting them
lock table execution, execution_stat in exclusive mode;

alter table execution_stat rename to execution_stat_by_shard;
alter index execution_stat_pkey rename to execution_stat_by_shard_pkey;
alter index execution_stat_by_workspace rename to execution_stat_by_shard_by_workspace;

-- Executions, counted by the hour and by the day of their creation and of all time, by status and duration (bucket 0
-- for what is unfinished).
create table execution_stat (
  workflow_id   uuid not null references workflow,
  period        text not null check (period in ('ALL', 'DAY', 'HOUR')),
  -- '-infinity': of all time
  period_start  timestamptz not null,
  status        text not null check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  bucket        smallint not null,
  workspace_id  uuid not null,
  executions    bigint not null,
  duration_ms   bigint not null,
  primary key (workflow_id, period, period_start, status, bucket)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

insert into execution_stat
  (workflow_id, period, period_start, status, bucket, workspace_id, executions, duration_ms)
select h.workflow_id, p.period, p.period_start, h.status, h.bucket, h.workspace_id,
  sum(h.executions), sum(h.duration_ms)
from (
  select workflow_id, workspace_id, period_start as hour, status, bucket, executions, duration_ms
  from execution_stat_by_shard
  where period_start > '-infinity'
  union all
  select workflow_id, workspace_id, date_trunc('hour', created_at, 'UTC'), status, 0, 1, 0
  from execution
  where finished_at is null
) h
cross join lateral (values
  ('ALL', '-infinity'::timestamptz), ('DAY', date_trunc('day', h.hour, 'UTC')), ('HOUR', h.hour))
  p (period, period_start)
group by 1, 2, 3, 4, 5, 6;

create index execution_stat_by_workspace on execution_stat (workspace_id, period, period_start);

drop table execution_stat_by_shard;
-- nobody counts them one by one any more
drop index execution_live;
