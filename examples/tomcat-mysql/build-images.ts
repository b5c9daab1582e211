/**
 * Builds the two images of this example from Debian's own packages, with the package sources this machine has, and
 * prints the paths of the archives. An image is built once: its archive is found again by a hash of what it is
 * made from.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { machineArchitecture, type OciImageConfig, writeOciArchive } from '@coxswain/cluster';

interface Recipe {
  readonly name: string;
  readonly folder: string;
  readonly packages: readonly string[];
  /** Files of the recipe's folder and where they go in the image; a folder goes with its content. */
  readonly files: Readonly<Record<string, string>>;
  readonly config: OciImageConfig;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const recipes: readonly Recipe[] = [
  {
    name: 'coxswain.example/mysql:1',
    folder: 'mysql',
    packages: ['mariadb-server'],
    files: { 'entrypoint.sh': '/entrypoint.sh' },
    config: { Entrypoint: ['/entrypoint.sh'], Env: [path], ExposedPorts: { '3306/tcp': {} } },
  },
  {
    name: 'coxswain.example/myweb:1',
    folder: 'myweb',
    packages: ['tomcat10', 'default-jre-headless', 'libmariadb-java'],
    files: { 'entrypoint.sh': '/entrypoint.sh', ROOT: '/var/lib/tomcat10/webapps' },
    config: { Entrypoint: ['/entrypoint.sh'], Env: [path], ExposedPorts: { '8080/tcp': {} } },
  },
];

const here = import.meta.dirname;
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coxswain', 'images');

// Documentation, translations and tests have no reader in a container.
const excluded = ['doc', 'man', 'info', 'locale', 'i18n', 'lintian', 'mysql-test', 'bash-completion'];

/** The Debian release to build from, and where its packages come from: as this machine's apt has it. */
async function packageSources(): Promise<{ readonly suite: string; readonly mirrors: readonly string[] }> {
  const format = '--format=deb $(REPO_URI) $(RELEASE) $(COMPONENT)|$(ORIGIN)|$(CODENAME)';
  const targets = await output('apt-get', ['indextargets', format, 'Identifier: Packages']);
  const debian = targets
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([, origin]) => origin === 'Debian');
  // The release itself comes without a suffix, such as -updates, to its name.
  const suite = debian.map(([, , codename]) => codename as string).find((name) => !name.includes('-'));
  // On another distribution mmdebstrap knows Debian's own servers.
  return { suite: suite ?? 'bookworm', mirrors: debian.map(([line]) => line as string) };
}

async function build(recipe: Recipe): Promise<string> {
  const folder = join(here, 'images', recipe.folder);
  const { suite, mirrors } = await packageSources();
  const archive = join(cache, `${recipe.folder}-${await hashOf(recipe, folder, suite)}.tar`);
  if (await exists(archive)) return archive;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'build-'));
  try {
    console.error(`building ${recipe.name} from ${recipe.packages.join(', ')}`);
    const root = join(work, 'root.tar');
    await run('mmdebstrap', [
      ...['--variant=essential', '--aptopt=APT::Install-Recommends "false"'],
      '--aptopt=Acquire::Retries "3"',
      ...excluded.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
      `--include=${recipe.packages.join(',')}`,
      // The Java package links its manual pages into this folder.
      '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
      ...Object.entries(recipe.files).map(([from, to]) =>
        from.includes('.')
          ? `--customize-hook=upload ${join(folder, from)} ${to}`
          : `--customize-hook=copy-in ${join(folder, from)} ${to}`,
      ),
      `--customize-hook=${join(folder, 'customize.sh')} "$1"`,
      ...[suite, root, ...mirrors],
    ]);
    // The fastest level: every node unpacks the layer, and a third of the bytes is read and copied.
    const layer = `${root}.zst`;
    const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    await pipeline(createReadStream(root), compress, createWriteStream(layer));
    await writeOciArchive(
      {
        name: recipe.name,
        architecture: machineArchitecture(),
        config: recipe.config,
        layers: [{ path: layer, compression: 'zstd' }],
      },
      archive,
    );
    // What earlier forms of the recipe gave is of no more use.
    for (const old of await readdir(cache)) {
      if (old.startsWith(`${recipe.folder}-`) && join(cache, old) !== archive) await rm(join(cache, old));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

async function hashOf(recipe: Recipe, folder: string, suite: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(recipe)).update(suite).update(process.arch);
  hash.update(await readFile(import.meta.filename));
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).sort(byPath)) {
    if (entry.isFile()) hash.update(entry.name).update(await readFile(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex').slice(0, 12);
}

function byPath(a: { parentPath: string; name: string }, b: { parentPath: string; name: string }): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function run(program: string, args: readonly string[]): Promise<void> {
  return start(program, args, () => {});
}

async function output(program: string, args: readonly string[]): Promise<string> {
  let text = '';
  await start(program, args, (chunk) => {
    text += chunk;
  });
  return text;
}

function start(program: string, args: readonly string[], onOutput: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', onOutput);
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.on('error', (cause) =>
      reject(new Error(`cannot run ${program}: install it with "apt-get install ${program}"`, { cause })),
    );
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${program} ended with ${status}:\n${said.split('\n').slice(-25).join('\n')}`));
    });
  });
}

try {
  // One after the other: both are bound by the disk and the package cache.
  for (const recipe of recipes) console.log(await build(recipe));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
}
