export { ClusterError, type ClusterErrorCode } from './cluster-error.ts';
export { clusterDown, type DownOptions } from './down.ts';
export type { Architecture } from './image/elf.ts';
export {
  machineArchitecture,
  type OciImage,
  type OciImageConfig,
  type OciLayer,
  writeOciArchive,
} from './image/oci-archive.ts';
export { pauseImageName, writePauseImage } from './image/pause-image.ts';
export { checkRealNodes } from './machine.ts';
export { type NodeNetworkOptions, startNodeNetwork } from './node-network/node-network.ts';
export type { ClusterOptions, ClusterPlan, NodePlan } from './plan.ts';
export { findProcess, logPath, type ProcessRecord } from './processes.ts';
export { readState } from './state.ts';
export {
  type ClusterStatus,
  clusterStatus,
  imageLoad,
  type NodeStatus,
  type ProgramStatus,
} from './status.ts';
export {
  agentProcess,
  type ClusterPrograms,
  clusterUp,
  type Progress,
  serverProcess,
  type UpOptions,
} from './up.ts';
