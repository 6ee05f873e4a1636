package io.stepwell.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The PostgreSQL programs from the class path, unpacked once into a folder named for their content.
 * The caller holds the start lock of that folder.
 */
final class PostgresBinaries {
  private PostgresBinaries() {}

  /** The folder with {@code initdb}, {@code pg_ctl} and {@code postgres}, unpacked below parent. */
  static Path unpackedBelow(Path parent) throws IOException {
    String archive = archive(System.getProperty("os.name"), System.getProperty("os.arch"));
    Path home = parent.resolve("server-" + fingerprint(archive));
    if (!Files.isDirectory(home)) {
      // a crash while unpacking leaves only the folder of the other name
      Path unfinished = parent.resolve(home.getFileName() + ".unfinished");
      Folders.delete(unfinished);
      try (InputStream in = open(archive)) {
        PackedFolder.unpack(in, unfinished);
      }
      Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
    }
    return home.resolve("bin");
  }

  /** The name of the archive for a platform, as the artifacts on Maven Central have it. */
  static String archive(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    String arch =
        switch (osArch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> osArch;
        };
    return "postgres-" + os + "-" + arch + ".txz";
  }

  private static InputStream open(String archive) {
    InputStream stream = PostgresBinaries.class.getClassLoader().getResourceAsStream(archive);
    if (stream == null) {
      throw new LaunchException(
          "This build carries no embedded PostgreSQL for "
              + System.getProperty("os.name")
              + " on "
              + System.getProperty("os.arch")
              + ": set QUARKUS_DATASOURCE_JDBC_URL to a PostgreSQL of your own.");
    }
    return stream;
  }

  private static String fingerprint(String archive) throws IOException {
    CRC32C checksum = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = open(archive)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        checksum.update(buffer, 0, n);
      }
    }
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
