import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectedName } from './selected-name.ts';

test('selectedName() gives the name of selectors that hold to one', () => {
  assert.equal(selectedName('metadata.name=a'), 'a');
  assert.equal(selectedName('metadata.namespace=x,metadata.name==b.c'), 'b.c');
  for (const text of ['', 'metadata.name!=a', 'metadata.name=', 'spec.nodeName=n', 'xmetadata.name=a']) {
    assert.equal(selectedName(text), '');
  }
});
