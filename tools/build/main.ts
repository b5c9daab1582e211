/** Bundles the command line into `dist/cox.mjs`, or `cox.mjs` of the folder given, with what it imports lazily in chunks of their own. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const outdir = process.argv[2] ?? join(root, 'dist');

rmSync(join(outdir, 'chunks'), { recursive: true, force: true });
await build({
  entryPoints: {
    cox: join(root, 'packages/cli/cox.ts'),
    // The store's worker is looked for beside the chunk that starts it.
    'chunks/commit-worker': join(root, 'packages/store/log/commit-worker.ts'),
  },
  outdir,
  entryNames: '[dir]/[name]',
  chunkNames: 'chunks/[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS dependencies ask for `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
