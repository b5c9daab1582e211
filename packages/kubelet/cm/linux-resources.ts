import type { LinuxContainerResources } from '@coxswain/cri';
import { parseQuantity } from '@coxswain/machinery';
import type { QosClass } from '../pods/qos.ts';
import type { Container, ResourceRequirements } from '../types.ts';

const minShares = 2;
const maxShares = 262_144;
const sharesPerCpu = 1024;
/** Microseconds. */
const quotaPeriod = 100_000;
const minQuota = 1_000;

/** CPU shares of so many thousandths of a CPU. */
export function milliCpuToShares(milliCpu: number): number {
  if (milliCpu === 0) return minShares;
  return Math.min(maxShares, Math.max(minShares, Math.floor((milliCpu * sharesPerCpu) / 1000)));
}

/** CFS quota in microseconds a period of 100 ms; 0 for none. */
export function milliCpuToQuota(milliCpu: number): number {
  if (milliCpu === 0) return 0;
  return Math.max(minQuota, Math.floor((milliCpu * quotaPeriod) / 1000));
}

/** In thousandths; 0 when absent. */
export function milliCpu(quantity: string | undefined): number {
  return quantity === undefined ? 0 : Number(parseQuantity(quantity).milliValue());
}

/** In bytes; 0 when absent. */
export function bytes(quantity: string | undefined): number {
  return quantity === undefined ? 0 : Number(parseQuantity(quantity).value());
}

/** The CPU and memory part of a requirement, for a container or a whole pod. */
export function cpuAndMemory(resources: ResourceRequirements): LinuxContainerResources {
  const { requests, limits } = resources;
  // A limit without a request is a request as well.
  const request = requests?.['cpu'] ?? limits?.['cpu'];
  const limit = milliCpu(limits?.['cpu']);
  const memory = bytes(limits?.['memory']);
  return {
    cpuShares: milliCpuToShares(milliCpu(request)),
    ...(limit > 0 ? { cpuPeriod: quotaPeriod, cpuQuota: milliCpuToQuota(limit) } : {}),
    ...(memory > 0 ? { memoryLimitInBytes: memory } : {}),
  };
}

/**
 * The less of the node's memory a burstable container asks for, the sooner it goes: from 2 (just after the
 * guaranteed at -997) to 999 (just before best effort at 1000).
 */
export function oomScoreAdj(
  container: Container,
  qos: QosClass,
  critical: boolean,
  nodeMemoryBytes: number,
): number {
  if (critical || qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const requested = bytes(
    container.resources?.requests?.['memory'] ?? container.resources?.limits?.['memory'],
  );
  const adjust = 1000 - Math.floor((1000 * requested) / nodeMemoryBytes);
  if (adjust < 1000 - 997) return 1000 - 997;
  return adjust === 1000 ? 999 : adjust;
}
