// Packs the npm packages: `composegen`, and one for each binary.
//
//   node pack.mjs VERSION OUTPUT [PLATFORM-ARCH=BINARY]...      PLATFORM and ARCH as node names them: linux-x64
//
// `composegen` depends on the packages of all systems, whether their binaries are given or not.

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SYSTEMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];

const here = dirname(fileURLToPath(import.meta.url));
const top = join(here, "..", "..");
const [version, output, ...given] = process.argv.slice(2);
if (!version || !output) {
  console.error("usage: node pack.mjs VERSION OUTPUT [PLATFORM-ARCH=BINARY]...");
  process.exit(2);
}

const common = {
  version,
  license: "MIT OR Apache-2.0",
  repository: { type: "git", url: "git+https://github.com/composegen/composegen.git" },
};

/** Packs a package with the given files: names in the package to paths here. */
function pack(manifest, files) {
  const folder = mkdtempSync(join(tmpdir(), "composegen-npm-"));
  try {
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...manifest, ...common }, null, 2)}\n`);
    for (const [name, from] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      copyFileSync(from, join(folder, name));
      chmodSync(join(folder, name), name.startsWith("bin/") ? 0o755 : 0o644);
    }
    const arguments_ = ["pack", "--silent", "--pack-destination", resolve(output), folder];
    const shell = process.platform === "win32"; // npm is a script there
    process.stdout.write(execFileSync("npm", arguments_, { encoding: "utf8", shell }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const licences = {
  "LICENSE-MIT": join(top, "LICENSE-MIT"),
  "LICENSE-APACHE": join(top, "LICENSE-APACHE"),
};

mkdirSync(output, { recursive: true });
for (const one of given) {
  const [system, binary] = one.split("=");
  if (!SYSTEMS.includes(system) || !binary) {
    console.error(`pack.mjs: ${one}: expected one of ${SYSTEMS.join(", ")}, "=" and the path of its binary`);
    process.exit(2);
  }
  const [os, cpu] = system.split("-");
  const program = os === "win32" ? "composegen.exe" : "composegen";
  pack(
    {
      name: `@composegen/${system}`,
      description: `The binary of composegen for ${os} on ${cpu}`,
      os: [os],
      cpu: [cpu],
      publishConfig: { access: "public" },
    },
    { [`bin/${program}`]: binary, ...licences },
  );
}
pack(
  {
    name: "composegen",
    description: "One source of truth for a product's Docker Compose files, in every environment",
    keywords: ["docker", "compose", "docker-compose", "drift", "lint"],
    bin: { composegen: "bin/composegen.js" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(SYSTEMS.map((system) => [`@composegen/${system}`, version])),
  },
  { "bin/composegen.js": join(here, "composegen.js"), "README.md": join(here, "README.md"), ...licences },
);
