-- Every filter of the lists of executions, alone and together with a range of time, gives its page from the end of one
-- index. The status stands before the id, so that a list of all of them merges a page of each.
drop index execution_by_workflow;
drop index execution_by_status;
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

-- A trigger, so that what an older replica accepts is found, too.
create function label_execution() returns trigger language plpgsql as $$
begin
  insert into execution_label (workspace_id, label, execution_id, workflow_id)
  select new.workspace_id, l.key || ':' || l.value, new.id, new.workflow_id
  from jsonb_each_text(new.labels) l;
  return null;
end
$$;
create trigger execution_labelled after insert on execution
  for each row when (new.labels <> '{}') execute function label_execution();

insert into execution_label (workspace_id, label, execution_id, workflow_id)
select e.workspace_id, l.key || ':' || l.value, e.id, e.workflow_id
from execution e
cross join lateral jsonb_each_text(e.labels) l
where e.labels <> '{}';

-- the label's list of a workflow
create index execution_label_by_workflow on execution_label (workspace_id, workflow_id, label, execution_id);
drop index execution_by_label;
