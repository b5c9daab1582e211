/** Media types of patches, in the order that upstream tells them in. */
export const jsonPatchType = 'application/json-patch+json';
export const mergePatchType = 'application/merge-patch+json';
/** Needs a Go type: custom resources do not take it. */
export const strategicPatchType = 'application/strategic-merge-patch+json';
export const applyPatchType = 'application/apply-patch+yaml';
