package io.stepwell.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatementsTest {
  private static final Set<String> TABLES = Set.of("task", "step_run");

  @Test
  void a_table_whose_workspace_is_not_compared_is_found() {
    assertThat(missing("select * from task where id = ?")).containsExactly("task");
    assertThat(missing("select t.workspace_id from task t where t.id = ?")).containsExactly("task");
    assertThat(missing("update task set status = ? where id = ?")).containsExactly("task");
    assertThat(missing("insert into task (id) values (?)")).containsExactly("task");
    assertThat(
            missing(
                "select 1 from task t join step_run s on s.execution_id = t.execution_id"
                    + " where t.workspace_id = ?"))
        .containsExactly("step_run");
    assertThat(missing("select e.id from TaskEntity e where e.id = ?1"))
        .containsExactly("TaskEntity");
  }

  @Test
  void a_table_whose_workspace_is_compared_will_do() {
    assertThat(missing("select * from task where workspace_id = ? and id = ?")).isEmpty();
    assertThat(missing("insert into task (workspace_id, id) values (?, ?)")).isEmpty();
    assertThat(
            missing(
                "select 1 from task t join step_run s on s.workspace_id = t.workspace_id"
                    + " where t.workspace_id = ?"))
        .isEmpty();
  }

  @Test
  void a_time_inside_a_condition_of_an_update_is_found() {
    assertThat(Statements.unevenUpdates("update task set at = case when ? then now() end where a"))
        .hasSize(1);
    assertThat(Statements.unevenUpdates("update task set at = coalesce(at, now()) from b"))
        .hasSize(1);
    assertThat(Statements.unevenUpdates("update task set id = gen_random_uuid() where a"))
        .hasSize(1);
    assertThat(
            Statements.unevenUpdates(
                "update task set at = now(), a = coalesce(?, a) where b = coalesce(c, now())"))
        .isEmpty();
  }

  private static List<String> missing(String statement) {
    return Statements.withoutWorkspace(statement, TABLES);
  }
}
