-- Which release the schema needs at least, by the newest migration that such a release knows. A migration that older
-- releases cannot live with raises it; then they neither start nor claim. The one before this still runs: 4.
create table schema_requirement (
  the_only_one boolean primary key default true check (the_only_one),
  needs int not null
);
insert into schema_requirement (needs) values (4);
