package io.stepwell.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between one replica and its PostgreSQL, on however many hosts, and can delay, cut and
 * stall what passes, and lose the server's answer to a COMMIT. It reads the server's messages, so
 * it knows where transactions are; encryption has to be off.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">messages</a>
 */
final class DatabaseProxy implements AutoCloseable {
  private static final int COMMAND_COMPLETE = 'C';
  private static final int READY_FOR_QUERY = 'Z';
  private static final byte IN_TRANSACTION = 'T';
  private static final byte[] COMMIT = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

  private enum Mode {
    PASS,
    CUT,
    STALL,
    STALL_IN_TRANSACTION
  }

  /** A host of the database, as the replica sees it. */
  private record Door(ServerSocket listener, int serverPort) {}

  private final List<Door> doors = new ArrayList<>();
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger commitsToLose = new AtomicInteger();
  private volatile Mode mode = Mode.PASS;
  private volatile Duration delay = Duration.ZERO;

  private volatile boolean closed;

  private DatabaseProxy() {}

  static DatabaseProxy before(List<Integer> serverPorts) throws IOException {
    DatabaseProxy proxy = new DatabaseProxy();
    for (int serverPort : serverPorts) {
      Door door = new Door(new ServerSocket(0, 200, InetAddress.getLoopbackAddress()), serverPort);
      proxy.doors.add(door);
      Thread.ofVirtual().name("proxy").start(() -> proxy.accept(door));
    }
    return proxy;
  }

  /** What stands for each port of the server. */
  List<Integer> ports() {
    return doors.stream().map(door -> door.listener().getLocalPort()).toList();
  }

  /** From now on everything new passes; what is stalled stays so. */
  void pass() {
    mode = Mode.PASS;
    delay = Duration.ZERO;
    commitsToLose.set(0);
  }

  /** From now on every answer of the server comes later. */
  void delay(Duration each) {
    delay = each;
  }

  /** Resets every connection, and each new one. */
  void cut() {
    mode = Mode.CUT;
    links.forEach(Link::close);
  }

  /** Nothing passes any more, and nobody is told: not on these connections, not on new ones. */
  void stall() {
    mode = Mode.STALL;
    links.forEach(Link::stall);
  }

  /** Each connection stalls as soon as the server waits in a transaction that has written. */
  void stallInTransaction() {
    mode = Mode.STALL_IN_TRANSACTION;
  }

  /** The next answers to COMMIT are lost, and their connections with them. */
  void loseCommits(int answers) {
    commitsToLose.set(answers);
  }

  private void accept(Door door) {
    while (!closed) {
      try {
        Socket client = door.listener().accept();
        Thread.ofVirtual().name("proxy-link").start(() -> link(client, door.serverPort()));
      } catch (IOException noMore) {
        // the loop ends with the listener
      }
    }
  }

  private void link(Socket client, int serverPort) {
    try (client) {
      if (mode == Mode.CUT) {
        client.setSoLinger(true, 0);
        return;
      }
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
        Link link = new Link(client, server);
        links.add(link);
        try {
          link.run();
        } finally {
          links.remove(link);
        }
      }
    } catch (IOException | InterruptedException gone) {
      // one side is gone, and now the other is, too
    }
  }

  /** A connection of the replica and the one to the server that it stands for. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean stalled;
    private boolean written;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
      this.stalled = mode == Mode.STALL;
    }

    void run() throws InterruptedException {
      Thread requests = Thread.ofVirtual().start(this::requests);
      answers();
      requests.join();
    }

    void stall() {
      stalled = true;
    }

    void close() {
      try (client;
          server) {
        client.setSoLinger(true, 0);
      } catch (IOException closedAlready) {
        // both are closed, which is what is wanted
      }
    }

    private void requests() {
      byte[] buffer = new byte[1 << 14];
      try {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (!stalled) {
            out.write(buffer, 0, n);
          }
        }
      } catch (IOException gone) {
        // ends below
      }
      // a dead path tells the server nothing of the client's end, until it is whole again
      while (stalled && mode != Mode.PASS && !closed) {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      close();
    }

    private void answers() {
      try (DataInputStream in =
              new DataInputStream(new BufferedInputStream(server.getInputStream()));
          DataOutputStream out =
              new DataOutputStream(new BufferedOutputStream(client.getOutputStream()))) {
        int type = in.read();
        while (type >= 0) {
          byte[] body = new byte[in.readInt() - Integer.BYTES];
          in.readFully(body);
          forward(type, body, out, in.available() == 0);
          type = in.read();
        }
      } catch (IOException gone) {
        // ends below
      }
      if (!stalled) {
        close();
      }
    }

    private void forward(int type, byte[] body, DataOutputStream out, boolean last)
        throws IOException {
      if (type == COMMAND_COMPLETE
          && Arrays.equals(body, COMMIT)
          && commitsToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        close();
        throw new IOException("the answer to a commit is lost");
      }
      if (type == COMMAND_COMPLETE) {
        String command = new String(body, StandardCharsets.US_ASCII);
        written |= command.startsWith("INSERT") || command.startsWith("UPDATE");
      } else if (type == READY_FOR_QUERY) {
        written &= body[0] == IN_TRANSACTION;
        stalled |= written && mode == Mode.STALL_IN_TRANSACTION;
      }
      if (stalled) {
        return;
      }
      out.writeByte(type);
      out.writeInt(body.length + Integer.BYTES);
      out.write(body);
      if (last) {
        if (!delay.isZero()) {
          LockSupport.parkNanos(delay.toNanos());
        }
        out.flush();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Door door : doors) {
      try {
        door.listener().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    links.forEach(Link::close);
  }
}
