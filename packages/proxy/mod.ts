export { type CommandRunner, commandRunner } from './nft/nft-runner.ts';
export { type Proxy, type ProxyOptions, startProxy } from './proxy.ts';
