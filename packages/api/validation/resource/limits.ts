/** How much the objects of resource.k8s.io hold at most. */

export const deviceRequests = 32;
export const deviceConstraints = 32;
export const deviceConfigs = 32;
export const deviceSelectors = 32;
export const firstAvailableRequests = 8;
export const allocationResults = 32;
export const reservedFor = 256;
export const poolNameLength = 253;
// 10 KiB
export const opaqueParametersLength = 10 * 1024;
export const selectorLength = 10 * 1024;
export const domainLength = 63;
export const identifierLength = 32;
// a domain, a slash and an identifier
export const qualifiedNameLength = domainLength + 1 + identifierLength;
export const labelLength = 63;
export const attributeValueLength = 64;
export const requestValues = 10;
export const attributesAndCapacities = 32;
export const devicesOfSlice = 128;
// what devices with taints or counters may hold in one slice
export const devicesWithExtras = 64;
export const deviceTaints = 16;
export const counterSets = 8;
export const countersOfSet = 32;
export const counterConsumptions = 2;
export const bindingConditions = 4;
export const statusConditions = 8;
export const networkIPs = 16;
export const interfaceNameLength = 256;
export const hardwareAddressLength = 128;
