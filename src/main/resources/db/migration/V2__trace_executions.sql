-- The traceparent of the request that started an execution: its trace goes on with it, over waits, crashes and replicas.
alter table execution add column trace_parent text;
