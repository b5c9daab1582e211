export type {
  EventHandler,
  EventRecorder,
  Informer,
  InformerFactory,
  InformerOptions,
  Lister,
  Reconcile,
  ReconcileResult,
  WorkQueue,
} from './contract.ts';
