import { dns } from './network/dns.ts';
import { endpoints } from './network/endpoints.ts';
import { proxy } from './network/proxy.ts';
import { services } from './network/services.ts';
import { apiOperations } from './node/api-operations.ts';
import { containerLives } from './node/container-lives.ts';
import { environment } from './node/environment.ts';
import { nodes } from './node/nodes.ts';
import { podsApi } from './node/pods-api.ts';
import { probes } from './node/probes.ts';
import { directories } from './storage/directories.ts';
import { downwardVolumes } from './storage/downward-volumes.ts';
import { payloadVolumes } from './storage/payload-volumes.ts';
import { runBehaviours } from './support/behaviours.ts';

// What waits longest comes first, so that the rest runs meanwhile.
runBehaviours('nodes, volumes and the network', 'cob', [
  containerLives,
  podsApi,
  probes,
  nodes,
  services,
  environment,
  payloadVolumes,
  downwardVolumes,
  directories,
  dns,
  endpoints,
  proxy,
  apiOperations,
]);
