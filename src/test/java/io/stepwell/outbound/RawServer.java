package io.stepwell.outbound;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A TCP server on 127.0.0.1 that does with each connection what a test says, byte by byte. */
final class RawServer implements AutoCloseable {

  /** What happens on a connection; its end closes the connection. */
  interface Script {
    void run(Socket socket) throws Exception;
  }

  private final ServerSocket server;

  RawServer(Script script) {
    try {
      server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(() -> accept(script));
  }

  private void accept(Script script) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(script, socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void serve(Script script, Socket socket) {
    try (socket) {
      script.run(socket);
    } catch (Exception e) {
      // the client went away, which is what many of the tests are about
    }
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/";
  }

  /** Reads a request's head and gives back its first line, empty at the end of the connection. */
  static String readHead(Socket socket) throws IOException {
    var reader =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    String first = reader.readLine();
    for (String line = first; line != null && !line.isEmpty(); ) {
      line = reader.readLine();
    }
    return first == null ? "" : first;
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
