import type { corev1 } from '@coxswain/api';

/** A pod as the kubelet holds it: the API server has given it a spec, and a status, if an empty one. */
export type Pod = corev1.Pod & {
  readonly spec: corev1.PodSpec;
  readonly status: corev1.PodStatus;
};
export type Container = corev1.Container;
export type PodSpec = corev1.PodSpec;
export type PodStatus = corev1.PodStatus;
export type PodCondition = corev1.PodCondition;
export type ContainerStatus = corev1.ContainerStatus;
export type ContainerState = corev1.ContainerState;
export type Probe = corev1.Probe;
export type Volume = corev1.Volume;
export type VolumeMount = corev1.VolumeMount;
export type Node = corev1.Node;
export type NodeStatus = corev1.NodeStatus;
export type NodeCondition = corev1.NodeCondition;
export type Service = corev1.Service;
export type ConfigMap = corev1.ConfigMap;
export type Secret = corev1.Secret;
export type EnvVar = corev1.EnvVar;
export type SecurityContext = corev1.SecurityContext;
export type LifecycleHandler = corev1.LifecycleHandler;
export type ResourceRequirements = corev1.ResourceRequirements;
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
