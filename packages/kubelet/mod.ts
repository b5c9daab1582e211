export { type Kubelet, startKubelet } from './kubelet.ts';
export type { KubeletOptions, KubeletServerOptions } from './kubelet-options.ts';
