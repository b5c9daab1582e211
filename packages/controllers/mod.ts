export type { ControllerEntry, ControllerSettings } from './catalogue.ts';
export { controllerCatalogue, enabledControllers, UnknownControllerError } from './catalogue.ts';
export type { NodeLifecycleTimes } from './node/node-lifecycle-controller.ts';
export type { RunOptions } from './run-controllers.ts';
export { runControllers } from './run-controllers.ts';
export type { ControllerContext, RunnableController } from './shared/context.ts';
