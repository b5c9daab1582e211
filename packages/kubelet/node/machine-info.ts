import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';

/** The machine, as the node's status tells of it. */
export interface MachineInfo {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Of the file system that holds the kubelet's root. */
  readonly ephemeralBytes: number;
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** Reads the machine that this process runs on. */
export async function readMachineInfo(rootDir: string): Promise<MachineInfo> {
  const [osRelease, machineId, systemUuid, bootId, disk] = await Promise.all([
    readOr('/etc/os-release', ''),
    readOr('/etc/machine-id', ''),
    readOr('/sys/class/dmi/id/product_uuid', ''),
    readOr('/proc/sys/kernel/random/boot_id', ''),
    statfs(rootDir),
  ]);
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1];
  return {
    cpus: cpus().length,
    memoryBytes: totalmem(),
    ephemeralBytes: disk.blocks * disk.bsize,
    architecture: architectures[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: pretty ?? 'Linux',
    machineId,
    systemUuid: systemUuid || machineId,
    bootId,
  };
}

/** Not every machine has every file. */
async function readOr(path: string, fallback: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return fallback;
  }
}

/** The machine that a simulated node plays. */
export function simulatedMachine(nodeName: string, cpuCount: number, memoryBytes: number): MachineInfo {
  return {
    cpus: cpuCount,
    memoryBytes,
    ephemeralBytes: 100 * 2 ** 30,
    architecture: architectures[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: 'Coxswain simulated node',
    machineId: nodeName,
    systemUuid: nodeName,
    bootId: nodeName,
  };
}
