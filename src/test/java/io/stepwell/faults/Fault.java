package io.stepwell.faults;

import io.stepwell.durability.PgBouncer;
import io.stepwell.faults.Cluster.Member;
import io.stepwell.launch.BreakablePostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What can go wrong: how it begins, how long it lasts, and how it is healed. */
enum Fault {
  /** {@code kill -9}. */
  KILL(Duration.ZERO) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      victim.replica().kill();
      return () -> {};
    }
  },

  /** A replica pauses past its lease while it runs something, and wakes as a zombie. */
  FREEZE(Cluster.LEASE.multipliedBy(3)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      Cluster.await(victim + " runs something", () -> cluster.api().running(victim) > 0);
      victim.freeze();
      return victim::thaw;
    }
  },

  /** Every replica in turn is asked to end, and comes back. */
  ROLLING_RESTART(Duration.ZERO) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      for (Member member : cluster.members()) {
        long before = member.replica().pid();
        member.replica().terminate();
        Cluster.await(
            member + " is back", () -> member.replica().pid() != before && member.ready());
      }
      return () -> {};
    }
  },

  /** The database ends without any order and recovers from its log. */
  DATABASE_CRASH(Duration.ofSeconds(1)) {
    @Override
    Healing inject(Cluster cluster, Member victim) throws IOException {
      cluster.postgres().crash();
      return () -> cluster.postgres().ensureRunning();
    }
  },

  /** The machine of the primary dies, and the standby is promoted. */
  FAILOVER(Duration.ofSeconds(1)) {
    @Override
    boolean possible(Cluster cluster) {
      return cluster.servers().hasStandby();
    }

    @Override
    Healing inject(Cluster cluster, Member victim) throws IOException, SQLException {
      cluster.servers().killPrimary();
      return cluster::failOver;
    }
  },

  /** The pooler ends as in a crash, and is started again. */
  POOLER_CRASH(Duration.ofSeconds(1)) {
    @Override
    boolean possible(Cluster cluster) {
      return cluster.pooler().isPresent();
    }

    @Override
    Healing inject(Cluster cluster, Member victim) {
      PgBouncer pooler = cluster.pooler().orElseThrow();
      pooler.kill();
      return pooler::start;
    }
  },

  /** The pooler takes connections and lets no query through, for longer than a lease lasts. */
  POOLER_PAUSED(Cluster.LEASE.plusSeconds(2)) {
    @Override
    boolean possible(Cluster cluster) {
      return cluster.pooler().isPresent();
    }

    @Override
    Healing inject(Cluster cluster, Member victim) {
      PgBouncer pooler = cluster.pooler().orElseThrow();
      pooler.pause();
      return pooler::resume;
    }
  },

  /** {@code pg_terminate_backend} of everybody. */
  SESSIONS_TERMINATED(Duration.ZERO) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      cluster.execute(TERMINATE_ALL);
      return () -> {};
    }
  },

  /** The connections of a replica are reset, and it cannot make new ones. */
  CUT(Duration.ofSeconds(5)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      victim.proxy().cut();
      return victim.proxy()::pass;
    }
  },

  /** The connections of a replica carry nothing more, and nobody is told. */
  STALL(Duration.ofSeconds(7)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      victim.proxy().stall();
      return victim.proxy()::pass;
    }
  },

  /** The same, each at the moment when a transaction has written and is not committed. */
  STALL_IN_TRANSACTION(Duration.ofSeconds(7)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      victim.proxy().stallInTransaction();
      return victim.proxy()::pass;
    }
  },

  /** Every answer of the database is late. */
  SLOW_DATABASE(Duration.ofSeconds(5)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      victim.proxy().delay(Duration.ofMillis(150));
      return victim.proxy()::pass;
    }
  },

  /** Transactions are committed, and the replica never hears of it. */
  COMMIT_ANSWERS_LOST(Duration.ofSeconds(3)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      cluster.members().forEach(member -> member.proxy().loseCommits(4));
      return () -> cluster.members().forEach(member -> member.proxy().pass());
    }
  },

  /** Somebody else has taken all connections that the database has. */
  CONNECTIONS_EXHAUSTED(Duration.ofSeconds(4)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      List<Connection> taken = new ArrayList<>();
      for (int round = 0; round < 10; round++) {
        takeAll(cluster.postgres(), taken);
        try (Statement terminate = taken.getFirst().createStatement()) {
          terminate.execute(TERMINATE_ALL);
        } catch (SQLException failure) {
          throw new IllegalStateException(failure);
        }
      }
      takeAll(cluster.postgres(), taken);
      return () -> {
        for (Connection connection : taken) {
          connection.close();
        }
      };
    }
  },

  /** The database accepts no writes, as a standby before its promotion. */
  READ_ONLY(Duration.ofSeconds(4)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      cluster.execute("alter system set default_transaction_read_only = on");
      cluster.execute("select pg_reload_conf()");
      return () -> {
        cluster.execute("alter system reset default_transaction_read_only");
        cluster.execute("select pg_reload_conf()");
      };
    }
  },

  /** The same for sessions that are opened meanwhile, which are so for as long as they live. */
  READ_ONLY_SESSIONS(Duration.ofSeconds(4)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      String setting = "alter database " + Cluster.DATABASE + " %s default_transaction_read_only";
      cluster.execute(setting.formatted("set") + " = on");
      cluster.execute(TERMINATE_ALL);
      return () -> {
        cluster.execute(setting.formatted("reset"));
        // a pooler keeps its sessions for an hour, whatever becomes of the connections to it
        cluster.pooler().ifPresent(PgBouncer::restart);
      };
    }
  },

  /** The role of the service may not log in, as after a change of its password or of pg_hba. */
  ROLE_MAY_NOT_LOG_IN(Duration.ofSeconds(4)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      cluster.execute("alter role " + Cluster.ROLE + " nologin");
      cluster.execute(TERMINATE_ALL);
      return () -> cluster.execute("alter role " + Cluster.ROLE + " login");
    }
  },

  /** An I/O error strikes records and what lets go of an execution, but not its end. */
  IO_ERROR_ON_RECORDS(Duration.ofSeconds(4)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      cluster.execute("update faults.disk set broken = true");
      return () -> cluster.execute("update faults.disk set broken = false");
    }
  },

  /** Another session holds rows of what runs, longer than a lease lasts. */
  ROWS_LOCKED_BY_A_STRANGER(Cluster.LEASE.multipliedBy(2)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      try {
        Connection stranger = cluster.postgres().connect(Cluster.DATABASE);
        stranger.setAutoCommit(false);
        try (Statement statement = stranger.createStatement()) {
          statement.execute(LOCK_SOME);
        }
        return () -> {
          stranger.rollback();
          stranger.close();
        };
      } catch (SQLException failure) {
        throw new IllegalStateException(failure);
      }
    }
  },

  /** Another workspace starts much that is large, as fast as one client can. */
  HOSTILE_PAYLOAD(Duration.ofSeconds(2)) {
    @Override
    Healing inject(Cluster cluster, Member victim) {
      Hostile.strike(cluster, victim);
      return () -> {};
    }
  };

  /**
   * What {@link #IO_ERROR_ON_RECORDS} switches: there from the start, since triggers need locks.
   */
  static final String BREAKABLE_RECORDS =
      """
      create schema faults;
      create table faults.disk (broken boolean not null);
      insert into faults.disk values (false);
      create function faults.write() returns trigger language plpgsql as $$ begin
        if (select broken from faults.disk) then
          raise exception 'the disk cannot be read' using errcode = '58030';
        end if;
        return new;
      end $$;
      create trigger breakable before insert or update on step_run
        for each row execute function faults.write();
      create trigger breakable before update on execution_queue
        for each row when (new.lease_token is null) execute function faults.write()
      """;

  // whatever is locked already is passed over: a stranger waits for nothing
  private static final String LOCK_SOME =
      """
      select 1
      from execution_queue q
      join execution e on e.workspace_id = q.workspace_id and e.id = q.execution_id
      order by q.due_at desc
      limit 5
      for update of q, e skip locked
      """;

  private static final String TERMINATE_ALL =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and application_name <> 'faults'
      """;

  /** Undoes a fault. */
  interface Healing {
    void heal() throws IOException, SQLException;

    default void now() {
      try {
        heal();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      } catch (SQLException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }

  private final Duration lasts;

  Fault(Duration lasts) {
    this.lasts = lasts;
  }

  Duration lasts() {
    return lasts;
  }

  /** Whether the cluster has what this fault breaks. */
  boolean possible(Cluster cluster) {
    return true;
  }

  abstract Healing inject(Cluster cluster, Member victim) throws IOException, SQLException;

  private static void takeAll(BreakablePostgres postgres, List<Connection> taken) {
    try {
      while (true) {
        taken.add(postgres.connect("postgres"));
      }
    } catch (SQLException none) {
      if (!"53300".equals(none.getSQLState())) {
        throw new IllegalStateException(none);
      }
    }
  }
}
