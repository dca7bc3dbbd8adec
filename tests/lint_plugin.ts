/**
 * The project's own lint rules, for `deno lint`. Paths count from the folder above this one, so
 * that a copy of the plugin judges the tree it was copied into.
 */
import { importProblem } from "./layers.ts";

type Rule = Deno.lint.Rule;
type Node = Deno.lint.Node;
type RuleContext = Deno.lint.RuleContext;

const repository = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** The linted file, relative to the repository. */
function fileOf(context: RuleContext): string {
  const path = context.filename.replaceAll("\\", "/").replace(/^file:\/\//, "");
  return path.startsWith(repository) ? path.slice(repository.length) : path;
}

/** Whether a file belongs to what is shipped. */
function isShipped(file: string): boolean {
  return file.startsWith("src/") || file.startsWith("adapters/");
}

/** A rule about the modules that a file imports, however it does so. */
function importRule(
  check: (
    specifier: string,
    node: Node,
    typeOnly: boolean,
    context: RuleContext,
  ) => string | undefined,
): Rule {
  return {
    create(context): Deno.lint.LintVisitor {
      const visit = (source: Node | null, node: Node, typeOnly: boolean): void => {
        if (source?.type !== "Literal" || typeof source.value !== "string") return;
        const message = check(source.value, node, typeOnly, context);
        if (message !== undefined) context.report({ node, message });
      };
      return {
        ImportDeclaration: (node) => visit(node.source, node, node.importKind === "type"),
        ExportNamedDeclaration: (node) => visit(node.source, node, node.exportKind === "type"),
        ExportAllDeclaration: (node) => visit(node.source, node, node.exportKind === "type"),
        ImportExpression: (node) => visit(node.source, node, false),
      };
    },
  };
}

const imports = importRule((specifier, _node, typeOnly, context) =>
  importProblem({ file: fileOf(context), specifier, typeOnly })
);

/** Whether an identifier is a reference, not the name of a property. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent: Node = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || sameRange(parent.object, node);
    case "Property":
    case "PropertyDefinition":
    case "MethodDefinition":
      return parent.computed || !sameRange(parent.key, node);
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "LabeledStatement":
      return false;
    default:
      return true;
  }
}

function sameRange(left: Node, right: Node): boolean {
  return left.range[0] === right.range[0] && left.range[1] === right.range[1];
}

/** A rule against global names; a name that the file imports is no global. */
function globalRule(
  names: readonly string[],
  applies: (file: string) => boolean,
  message: (name: string) => string,
): Rule {
  return {
    create(context): Deno.lint.LintVisitor {
      if (!applies(fileOf(context))) return {};
      const imported = new Set<string>();
      const seen: Deno.lint.Identifier[] = [];
      return {
        ImportSpecifier: (node) => void imported.add(node.local.name),
        ImportDefaultSpecifier: (node) => void imported.add(node.local.name),
        ImportNamespaceSpecifier: (node) => void imported.add(node.local.name),
        Identifier(node): void {
          if (names.includes(node.name) && isReference(node)) seen.push(node);
        },
        MemberExpression(node): void {
          const { object, property } = node;
          if (object.type !== "Identifier" || object.name !== "globalThis") return;
          if (property.type !== "Identifier" || !names.includes(property.name)) return;
          context.report({ node, message: message(property.name) });
        },
        "Program:exit"(): void {
          for (const node of seen) {
            if (imported.has(node.name)) continue;
            context.report({ node, message: message(node.name) });
          }
        },
      };
    },
  };
}

const processGlobal = globalRule(
  ["process"],
  (file) => isShipped(file) && !file.startsWith("src/cli/") && file !== "src/main.ts",
  () => "Only src/cli and src/main.ts know the process; take what you need from Context.",
);

const runtimeGlobals = globalRule(
  ["Bun", "Deno", "Buffer", "global", "require", "__dirname", "__filename"]
    .concat(["setImmediate", "clearImmediate"]),
  isShipped,
  (name) => `${name} is not on every runtime; use a node: module or a web standard.`,
);

const deleting = ["rm", "rmSync", "rmdir", "rmdirSync", "unlink", "unlinkSync"]
  .concat(["truncate", "truncateSync", "ftruncate", "ftruncateSync"]);
const mayDelete = ["src/sync/trash_tree.ts", "src/sync/lock.ts", "src/archive/temporary.ts"];

/** What an import of node:fs brings in that deletes, or may. */
function deletingName(node: Node): string | undefined {
  if (node.type === "ImportExpression" || node.type === "ExportAllDeclaration") return "everything";
  if (node.type !== "ImportDeclaration" && node.type !== "ExportNamedDeclaration") return undefined;
  for (const specifier of node.specifiers) {
    if (specifier.type === "ImportDefaultSpecifier") return "everything";
    if (specifier.type === "ImportNamespaceSpecifier") return "everything";
    const name = specifier.type === "ImportSpecifier" ? specifier.imported : specifier.local;
    const text = name.type === "Identifier" ? name.name : name.value;
    if (deleting.includes(text) || text === "promises") return text;
  }
  return undefined;
}

const deletion = importRule((specifier, node, _typeOnly, context) => {
  const file = fileOf(context);
  if (!/^(node:)?fs(\/promises)?$/.test(specifier) || !isShipped(file)) return undefined;
  if (mayDelete.includes(file)) return undefined;
  const name = deletingName(node);
  if (name === undefined) return undefined;
  return `Only ${mayDelete.join(", ")} may delete; this imports ${name} of ${specifier}.`;
});

/** `handle.truncate()` deletes as well as any function of node:fs. */
const truncation: Rule = {
  create(context): Deno.lint.LintVisitor {
    const file = fileOf(context);
    if (!isShipped(file) || mayDelete.includes(file)) return {};
    return {
      CallExpression(node): void {
        const { callee } = node;
        if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
        if (callee.property.name !== "truncate") return;
        context.report({ node, message: `Only ${mayDelete.join(", ")} may cut files.` });
      },
    };
  },
};

const speaking = ["log", "error", "warn", "info", "debug", "trace", "notice"];

/** Whether a statement does no more than tell someone. */
function isOnlyTelling(statement: Node): boolean {
  if (statement.type !== "ExpressionStatement") return false;
  let { expression } = statement;
  if (expression.type === "AwaitExpression") expression = expression.argument;
  return isTelling(expression);
}

function isTelling(expression: Node): boolean {
  if (expression.type !== "CallExpression") return false;
  const { callee } = expression;
  if (callee.type === "Identifier") return speaking.includes(callee.name);
  if (callee.type !== "MemberExpression") return false;
  return callee.property.type === "Identifier" && speaking.includes(callee.property.name);
}

/** What is wrong with the body of something that catches. */
function catchProblem(body: Node): string | undefined {
  if (body.type !== "BlockStatement") {
    return isTelling(body) ? "This error is only logged; throw it or act on it." : undefined;
  }
  if (body.body.length === 0) return "This error disappears; throw it or act on it.";
  if (!body.body.every(isOnlyTelling)) return undefined;
  return "This error is only logged; throw it or act on it.";
}

const catches: Rule = {
  create(context): Deno.lint.LintVisitor {
    const check = (node: Node, body: Node): void => {
      const message = catchProblem(body);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      CatchClause: (node) => check(node, node.body),
      CallExpression(node): void {
        const { callee, arguments: [handler] } = node;
        if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
        if (callee.property.name !== "catch" || handler === undefined) return;
        if (handler.type !== "ArrowFunctionExpression" && handler.type !== "FunctionExpression") {
          return;
        }
        if (handler.body !== null) check(node, handler.body);
      },
    };
  },
};

/** The most lines that a file may have. */
const mostFileLines = 400;
/** The most lines that a function may have. */
const mostFunctionLines = 60;

function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** Whether a function is only there to hold the tests of a `describe`. */
function isTestList(node: Node): boolean {
  if (node.type !== "ArrowFunctionExpression" || node.parent.type !== "CallExpression") {
    return false;
  }
  const { callee } = node.parent;
  return callee.type === "Identifier" && callee.name === "describe";
}

const sizes: Rule = {
  create(context): Deno.lint.LintVisitor {
    const check = (node: Node): void => {
      const lines = lineCount(context.sourceCode.getText(node));
      if (lines <= mostFunctionLines || isTestList(node)) return;
      const message = `This function has ${lines} lines; ${mostFunctionLines} is the most.`;
      context.report({ node, message });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
      Program(node): void {
        const lines = lineCount(context.sourceCode.text);
        if (lines <= mostFileLines) return;
        context.report({
          node,
          message: `This file has ${lines} lines; ${mostFileLines} is the most.`,
        });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "runferry",
  rules: {
    imports,
    process: processGlobal,
    "runtime-globals": runtimeGlobals,
    deletion,
    truncation,
    catches,
    sizes,
  },
};

export default plugin;
