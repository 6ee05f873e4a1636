-- What is old goes, and what is unfinished has a bound. The release before runs on: it reads and writes none of this.

-- after how many days an ended execution goes; null: as the operator has it for all
alter table workspace add column retention_days int check (retention_days between 1 and 36500);

-- What one replica at a time does for all workspaces. It is due as an execution is: taken with a token until its holder
-- says nothing more, and due again after that.
create table duty (
  name    text primary key,
  due_at  timestamptz not null,
  token   uuid
);
insert into duty (name, due_at) values ('housekeeping', now());

-- How many executions of a workspace are unfinished: one row for each workflow and status. While it is built, only the
-- adding up of statistics waits, which nothing waits for.
create index execution_stat_unfinished on execution_stat (workspace_id)
  where period = 'ALL' and status in ('PENDING', 'RUNNING');
