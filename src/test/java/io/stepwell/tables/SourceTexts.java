package io.stepwell.tables;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The texts in Java sources, put together as far as they are known without running anything: what
 * is not known is {@value #UNKNOWN}.
 */
final class SourceTexts {
  static final String UNKNOWN = " … ";

  private static final Set<String> QUERIES =
      Set.of("find", "list", "count", "update", "delete", "stream", "createQuery");

  private SourceTexts() {}

  /**
   * A text and where it stands.
   *
   * @param place the class and the field or method, {@code ClaimQueue.LOOK}
   * @param query whether it is the first argument of a query of Panache or of the entity manager
   */
  record Text(String place, String value, boolean query) {}

  /** The texts of all sources below a folder, those that are part of a longer one not counted. */
  static List<Text> below(Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Text> texts = new ArrayList<>();
    try (var files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.walk(folder)) {
      List<Path> java = sources.filter(path -> path.toString().endsWith(".java")).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(java));
      for (CompilationUnitTree unit : task.parse()) {
        new Reader(texts).scan(unit, null);
      }
    }
    return texts;
  }

  private static final class Reader extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final List<Text> texts;
    private final Map<String, ExpressionTree> variables = new HashMap<>();
    private String type = "";
    private String member = "";

    Reader(List<Text> texts) {
      this.texts = texts;
    }

    @Override
    public @Nullable Void visitClass(ClassTree node, @Nullable Void nothing) {
      String outer = type;
      type = node.getSimpleName().isEmpty() ? type : node.getSimpleName().toString();
      super.visitClass(node, null);
      type = outer;
      return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree node, @Nullable Void nothing) {
      member = node.getName().toString();
      super.visitMethod(node, null);
      member = "";
      return null;
    }

    @Override
    public @Nullable Void visitVariable(VariableTree node, @Nullable Void nothing) {
      boolean field = member.isEmpty();
      if (node.getInitializer() != null) {
        variables.put(node.getName().toString(), node.getInitializer());
      }
      member = field ? node.getName().toString() : member;
      super.visitVariable(node, null);
      member = field ? "" : member;
      return null;
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree node, @Nullable Void nothing) {
      if (fills(node)) {
        add(node, false);
        return scan(node.getArguments(), null);
      }
      if (QUERIES.contains(name(node)) && !node.getArguments().isEmpty()) {
        ExpressionTree first = node.getArguments().getFirst();
        if (value(first).strip().length() > UNKNOWN.strip().length()) {
          add(first, true);
          scan(node.getMethodSelect(), null);
          return scan(node.getArguments().stream().skip(1).toList(), null);
        }
      }
      return super.visitMethodInvocation(node, null);
    }

    @Override
    public @Nullable Void visitBinary(BinaryTree node, @Nullable Void nothing) {
      add(node, false);
      return null;
    }

    @Override
    public @Nullable Void visitLiteral(LiteralTree node, @Nullable Void nothing) {
      add(node, false);
      return null;
    }

    private void add(ExpressionTree node, boolean query) {
      texts.add(new Text(type + "." + member, value(node), query));
    }

    private String value(ExpressionTree node) {
      return switch (node) {
        case LiteralTree literal -> String.valueOf(literal.getValue());
        case ParenthesizedTree inner -> value(inner.getExpression());
        case BinaryTree sum -> value(sum.getLeftOperand()) + value(sum.getRightOperand());
        case NewClassTree builder when builder.getArguments().size() == 1 ->
            value(builder.getArguments().getFirst());
        case IdentifierTree variable -> valueOf(variable.getName().toString());
        case MethodInvocationTree call when fills(call) -> filled(call);
        default -> UNKNOWN;
      };
    }

    private String valueOf(String variable) {
      @Nullable ExpressionTree initializer = variables.remove(variable);
      if (initializer == null) {
        return UNKNOWN;
      }
      // removed meanwhile: one that is made of itself has no end
      String value = value(initializer);
      variables.put(variable, initializer);
      return value;
    }

    private String filled(MethodInvocationTree call) {
      String text = value(((MemberSelectTree) call.getMethodSelect()).getExpression());
      for (ExpressionTree argument : call.getArguments()) {
        text = text.replaceFirst("%[sd]", Matcher.quoteReplacement(value(argument)));
      }
      return text;
    }

    private static boolean fills(MethodInvocationTree call) {
      return call.getMethodSelect() instanceof MemberSelectTree && name(call).equals("formatted");
    }

    private static String name(MethodInvocationTree call) {
      return switch (call.getMethodSelect()) {
        case MemberSelectTree select -> select.getIdentifier().toString();
        case IdentifierTree plain -> plain.getName().toString();
        default -> "";
      };
    }
  }
}
