/** The executables of a release. */

/** One executable: what it is called, and what it is made of. */
export interface Target {
  /** Its file in `dist/`. */
  readonly file: string;
  /** What `bun build --target` calls it. */
  readonly bun: string;
  /** The package that holds Bun for it; package-lock.json pins its contents. */
  readonly base: string;
  /** The loader object in `build/loader` that makes it static, if it is to be. */
  readonly loader?: string;
}

/** Linux executables that need nothing of the system they run on. */
export const staticTargets: readonly Target[] = [
  {
    file: "runferry-linux-x64",
    bun: "bun-linux-x64-musl",
    base: "@oven/bun-linux-x64-musl",
    loader: "x64.so",
  },
  {
    file: "runferry-linux-arm64",
    bun: "bun-linux-arm64-musl",
    base: "@oven/bun-linux-aarch64-musl",
    loader: "arm64.so",
  },
];

/** Executables that use the C library of the system they run on. */
export const dynamicTargets: readonly Target[] = [
  { file: "runferry-linux-x64-glibc", bun: "bun-linux-x64", base: "@oven/bun-linux-x64" },
  { file: "runferry-linux-arm64-glibc", bun: "bun-linux-arm64", base: "@oven/bun-linux-aarch64" },
  { file: "runferry-darwin-x64", bun: "bun-darwin-x64", base: "@oven/bun-darwin-x64" },
  { file: "runferry-darwin-arm64", bun: "bun-darwin-arm64", base: "@oven/bun-darwin-aarch64" },
  { file: "runferry-windows-x64.exe", bun: "bun-windows-x64", base: "@oven/bun-windows-x64" },
];
