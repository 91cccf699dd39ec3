// Builds everything a browser loads: style sheet, scripts, icon sprite, fonts. Run through `npm run build`.
//
// The output in ../assets/dist is committed, so that nobody who only runs pi-crm needs Node. Two builds of the same
// sources are byte for byte the same: names carry the first eight digits of the content's SHA-256, gzip copies carry
// no time, and everything is written in a fixed order.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { gzipSync } from "fflate";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../assets/dist");
const modules = join(here, "node_modules");

/** Scripts that Inter is cut into; a browser fetches one only when a page needs its letters. */
const FONT_SUBSETS = ["latin", "latin-ext", "cyrillic", "greek", "vietnamese"];

const KiB = 1024;
/** Limits in bytes, gzip where the file is compressed. The build fails when one is exceeded. */
const BUDGETS = [
  ["style sheet", 16 * KiB, ["app.css"]],
  ["scripts on every page", 26 * KiB, ["app.js", "htmx.js"]],
  ["scripts on progress pages", 3 * KiB, ["sse.js"]],
  ["icons", 6 * KiB, ["icons.svg"]],
  ["font on a Latin page", 50 * KiB, ["inter-latin.woff2"]],
];
const BINARY_BUDGET = 1.5 * KiB * KiB;

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

const read = (...parts) => readFileSync(join(...parts));
const text = (...parts) => read(...parts).toString("utf8");

/** Files of the output by their plain name. */
function build() {
  const files = new Map();
  const add = (name, data) => {
    const bytes = Buffer.from(data);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    const dot = name.lastIndexOf(".");
    const extension = name.slice(dot + 1);
    const zipped = extension === "woff2" ? null : Buffer.from(gzipSync(bytes, { level: 9, mtime: 0 }));
    files.set(name, {
      file: `${name.slice(0, dot)}.${hash}.${extension}`,
      type: TYPES[extension],
      bytes,
      gzip: zipped && zipped.length < bytes.length ? zipped : null,
    });
  };

  for (const subset of FONT_SUBSETS) {
    add(`inter-${subset}.woff2`, read(modules, "@fontsource-variable/inter/files", `inter-${subset}-wght-normal.woff2`));
  }
  add("icons.svg", sprite());
  add("logo.svg", read(here, "src/logo.svg"));
  add("app.css", styles((name) => `/assets/${files.get(name).file}`));
  add("app.js", script(join(here, "src/app/index.js")));
  add("htmx.js", withoutMap(text(modules, "htmx.org/dist/htmx.min.js")));
  add("sse.js", withoutMap(text(modules, "htmx.org/dist/ext/hx-sse.min.js")));
  check(files);
  write(files);
}

/** One sprite with the icons of icons.txt, under names of meaning. */
function sprite() {
  const symbols = text(here, "src/icons.txt")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => {
      const [name, source] = line.split(" ");
      const svg = text(modules, "lucide-static/icons", `${source}.svg`);
      const inner = svg
        .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
        .replace(/<\/svg>\s*$/, "")
        .replace(/\s+/g, " ")
        .replace(/ ?\/> ?/g, "/>")
        .trim();
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
    });
  const note = "<!-- Lucide, ISC License, Copyright (c) Lucide Icons and Contributors -->";
  return `<svg xmlns="http://www.w3.org/2000/svg">${note}${symbols.join("")}</svg>\n`;
}

/** Tailwind over app.css, then the fonts under their final names. */
function styles(url) {
  const out = join(tmpdir(), `pi-crm-ui-${process.pid}.css`);
  mkdirSync(join(modules, ".pi-crm"), { recursive: true });
  writeFileSync(join(modules, ".pi-crm/fonts.css"), fontFaces());
  execFileSync(
    process.execPath,
    [join(modules, "@tailwindcss/cli/dist/index.mjs"), "--input", join(here, "src/app.css"), "--output", out, "--minify"],
    { cwd: here, stdio: ["ignore", "ignore", "inherit"] },
  );
  const css = readFileSync(out, "utf8");
  rmSync(out);
  return css.replace(/url\(["']?(?:\.\/)?(inter-[a-z-]+\.woff2)["']?\)/g, (_, name) => `url(${url(name)})`);
}

/** `@font-face` rules with the letters each file holds, as the font's package states them. */
function fontFaces() {
  const source = text(modules, "@fontsource-variable/inter/index.css");
  const faces = FONT_SUBSETS.map((subset) => {
    const rule = source.match(new RegExp(`/\\* inter-${subset}-wght-normal \\*/[^}]*unicode-range: ([^;]+);`));
    return `@font-face {
  font-family: "Inter Variable";
  font-style: normal;
  font-display: swap;
  font-weight: 100 900;
  src: url("inter-${subset}.woff2") format("woff2");
  unicode-range: ${rule[1]};
}`;
  });
  // Until Inter has arrived, a local font with Inter's measures stands in, so that no line moves when it comes.
  const standIn = `@font-face {
  font-family: "Inter Stand-in";
  src: local("Arial"), local("Liberation Sans"), local("Arimo");
  size-adjust: 107%;
  ascent-override: 90%;
  descent-override: 22.5%;
  line-gap-override: 0%;
}`;
  return `/* Made by build.mjs. */\n${faces.join("\n")}\n${standIn}\n`;
}

function script(entry) {
  const result = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
  });
  return result.outputFiles[0].text;
}

const withoutMap = (code) => code.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");

function check(files) {
  const size = (name) => (files.get(name).gzip ?? files.get(name).bytes).length;
  let failed = false;
  for (const [what, limit, names] of BUDGETS) {
    const used = names.reduce((sum, name) => sum + size(name), 0);
    const line = `${what}: ${(used / KiB).toFixed(1)} KiB of ${(limit / KiB).toFixed(0)}`;
    if (used > limit) {
      failed = true;
      console.error(`over budget: ${line}`);
    } else {
      console.log(line);
    }
  }
  const total = [...files.values()].reduce((sum, f) => sum + f.bytes.length + (f.gzip?.length ?? 0), 0);
  console.log(`in the binary: ${(total / KiB).toFixed(0)} KiB of ${(BINARY_BUDGET / KiB).toFixed(0)}`);
  if (failed || total > BINARY_BUDGET) throw new Error("the assets exceed their budget");
}

function write(files) {
  mkdirSync(dist, { recursive: true });
  for (const old of readdirSync(dist)) rmSync(join(dist, old));
  const names = [...files.keys()].sort();
  const manifest = {};
  for (const name of names) {
    const { file, type, bytes, gzip } = files.get(name);
    writeFileSync(join(dist, file), bytes);
    if (gzip) writeFileSync(join(dist, `${file}.gz`), gzip);
    manifest[name] = { file, type, bytes: bytes.length, gzip: gzip?.length ?? null };
  }
  writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(dist, "embed.rs"), embed(names, files));
  writeFileSync(join(dist, "LICENSES.txt"), licences());
}

/** A Rust expression that embeds the files; the compiler then knows what to rebuild when one changes. */
function embed(names, files) {
  const rows = names.map((name) => {
    const { file, type, gzip } = files.get(name);
    const zipped = gzip ? `Some(include_bytes!("${file}.gz"))` : "None";
    return `    Asset { name: "${name}", file: "${file}", content_type: "${type}", data: include_bytes!("${file}"), gzip: ${zipped} },`;
  });
  return `// Made by web/ui/build.mjs.\n[\n${rows.join("\n")}\n]\n`;
}

function licences() {
  const parts = [
    ["htmx", "htmx.org/LICENSE"],
    ["Inter", "@fontsource-variable/inter/LICENSE"],
    ["Lucide", "lucide-static/LICENSE"],
    ["Tailwind CSS", "tailwindcss/LICENSE"],
  ];
  const rule = "-".repeat(79);
  return parts.map(([name, path]) => `${name}\n${rule}\n${text(modules, path).trim()}\n`).join(`\n${rule}\n`);
}

build();
if (process.argv.includes("--watch")) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      try {
        build();
      } catch (error) {
        console.error(error.message);
      }
    }, 100);
  };
  watch(join(here, "src"), { recursive: true }, again);
  watch(join(here, "../../templates"), { recursive: true }, again);
  console.log("watching src and templates");
}
