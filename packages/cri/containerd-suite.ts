/** A containerd of a test's own, with images made of the machine's programs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@coxswain/machinery';
import { RemoteRuntime } from './remote-runtime.ts';

const run = promisify(execFile);

/** What the images hold: a shell and a handful of programs, with the libraries that they load. */
const programs = ['dash', 'cat', 'sleep', 'ls', 'id', 'touch', 'mkdir', 'env'];

/** The image that tests run, and the one that sandboxes hold. */
export const shellImage = 'coxswain.test/shell:1';
const pauseImage = 'coxswain.test/pause:1';

/** Why no containerd can be started here; undefined when one can. */
export function whyNoContainerd(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'this is not root';
  for (const program of ['containerd', 'runc', 'ctr', 'ldd']) {
    if (findProgram(program) === undefined) return `${program} is not installed`;
  }
  return undefined;
}

function findProgram(name: string): string | undefined {
  const path = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return path.map((dir) => join(dir, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface TestContainerd {
  /** Holds everything of this test; removed by `close`. */
  readonly dir: string;
  readonly runtime: RemoteRuntime;
  /** Of its own, below the machine's. */
  readonly cgroupRoot: string;
  close(): Promise<void>;
}

/** Starts a containerd with its pod network on loopback addresses of its own, and loads the images. */
export async function startContainerd(): Promise<TestContainerd> {
  const dir = await mkdtemp(join(tmpdir(), 'cox-containerd-'));
  const socket = join(dir, 'containerd.sock');
  await mkdir(join(dir, 'cni'));
  await writeFile(join(dir, 'config.toml'), config(dir, socket));
  await writeFile(join(dir, 'cni', '10-test.conflist'), network(dir));
  const daemon = spawn('containerd', ['--config', join(dir, 'config.toml')], { stdio: 'ignore' });
  const runtime = new RemoteRuntime({ socket });
  await untilReady(runtime, daemon);
  for (const name of [shellImage, pauseImage]) await loadImage(dir, socket, name);
  return {
    dir,
    runtime,
    cgroupRoot: `/${basename(dir)}`,
    async close() {
      for (const sandbox of await runtime.listPodSandbox()) {
        await runtime.stopPodSandbox(sandbox.id);
        await runtime.removePodSandbox(sandbox.id);
      }
      runtime.close();
      const exited = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await exited;
      await removeCgroups(basename(dir));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function config(dir: string, socket: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${dir}/root"
state = "${dir}/state"
[grpc]
  address = "${socket}"
[${cri}]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${dir}/cni"
`;
}

/** Point-to-point links leave no bridge behind. */
function network(dir: string): string {
  const ipam = { type: 'host-local', dataDir: `${dir}/ipam`, ranges: [[{ subnet: '198.18.77.0/24' }]] };
  const routes = [{ dst: '0.0.0.0/0' }];
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: basename(dir),
    plugins: [{ type: 'ptp', ipMasq: false, ipam: { ...ipam, routes } }],
  });
}

async function untilReady(runtime: RemoteRuntime, daemon: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const conditions = await runtime.status();
      if (conditions.every((c) => c.status)) return;
    } catch (error) {
      if (daemon.exitCode !== null || tries > 100) throw error;
    }
    await systemClock.sleep(50);
  }
}

/** Packs the programs as a Docker archive and imports it. */
async function loadImage(dir: string, socket: string, name: string): Promise<void> {
  const work = join(dir, name.replace(/\W/g, '-'));
  const root = join(work, 'root');
  for (const path of ['bin', 'etc', 'tmp', 'dev', 'proc', 'sys']) {
    await mkdir(join(root, path), { recursive: true });
  }
  for (const program of programs) {
    const source = findProgram(program);
    if (source === undefined) throw new Error(`the machine has no program ${program}`);
    await copyFile(await realpath(source), join(root, 'bin', program === 'dash' ? 'sh' : program));
    for (const library of await librariesOf(source)) {
      await mkdir(dirname(join(root, library)), { recursive: true });
      await copyFile(await realpath(library), join(root, library));
    }
  }
  await run('tar', ['-C', root, '-cf', join(work, 'layer.tar'), '.']);
  const digest = createHash('sha256')
    .update(await readFile(join(work, 'layer.tar')))
    .digest('hex');
  const architecture = arch() === 'x64' ? 'amd64' : arch();
  const image = {
    architecture,
    os: 'linux',
    config: { Entrypoint: name === pauseImage ? ['/bin/sleep', 'infinity'] : null, Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  await writeFile(join(work, 'config.json'), JSON.stringify(image));
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(dir, 'image.tar');
  await run('tar', ['-C', work, '-cf', archive, 'config.json', 'manifest.json', 'layer.tar']);
  await run('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive]);
  await rm(work, { recursive: true });
}

/** In every hierarchy, from below; nothing runs in them any more. */
async function removeCgroups(name: string): Promise<void> {
  const { stdout } = await run('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${name}*`]);
  for (const path of stdout.split('\n').filter((line) => line !== '')) await rmdir(path);
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(/g)].map((match) => match[1] as string);
}
