#!/usr/bin/env node
// Runs the binary of this system, which is in a package of its own.
"use strict";

const { spawnSync } = require("node:child_process");

const { platform, arch } = process;
const name = `@composegen/${platform}-${arch}`;
const program = platform === "win32" ? "composegen.exe" : "composegen";

let binary;
try {
  binary = require.resolve(`${name}/bin/${program}`);
} catch {
  console.error(
    `composegen: the package ${name} is not installed. Either there is no binary for ${platform} on ${arch}, or npm ` +
      "was told to leave out optional dependencies.",
  );
  process.exit(2);
}

// A signal from the keyboard is for the binary; it decides what becomes of this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {});
}
const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`composegen: cannot run ${binary}: ${error.message}`);
  process.exit(2);
}
if (signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
process.exit(status ?? 2);
