package io.stepwell.launch;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * What pg_basebackup does, which the tests' PostgreSQL comes without: a copy of a server's folder
 * while the server runs.
 */
final class BaseBackup {
  /** What belongs to the running server alone; its log of changes comes over the connection. */
  private static final Set<String> LEFT_OUT =
      Set.of("postmaster.pid", "postmaster.opts", "pg_replslot", "pg_wal");

  private BaseBackup() {}

  /** Copies what the server of the connection has; the connection has to be one of a superuser. */
  static void take(Connection server, Path data, Path copy) throws IOException, SQLException {
    try (Statement statement = server.createStatement()) {
      statement.execute("select pg_backup_start('standby', true)");
      copy(data, copy);
      try (ResultSet row = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
        row.next();
        Files.writeString(copy.resolve("backup_label"), row.getString(1));
      }
    }
  }

  private static void copy(Path data, Path copy) throws IOException {
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            copyOne(folder);
            boolean leftOut = LEFT_OUT.contains(folder.getFileName().toString());
            return leftOut ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!LEFT_OUT.contains(file.getFileName().toString())) {
              copyOne(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              // the server goes on, and deletes what it needs no more
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          private void copyOne(Path file) throws IOException {
            try {
              Files.copy(
                  file, copy.resolve(data.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            } catch (NoSuchFileException gone) {
              // as above
            }
          }
        });
  }
}
