import { describe, expect, test } from 'vitest';
import { imageTag } from './image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('the tag of an image', () => {
  test.each([
    ['example', 'latest'],
    ['example/image', 'latest'],
    ['example/image:2', '2'],
    ['registry.example:5000/image', 'latest'],
    ['registry.example:5000/a/b__c:v1.0-x', 'v1.0-x'],
    ['[fd00::1]:5000/image:2', '2'],
    ['UPPER/image', 'latest'],
    [`example/image@${DIGEST}`, ''],
    [`example/image:latest@${DIGEST}`, 'latest'],
    ['', ''],
    [' example', ''],
    ['example/Image', ''],
    ['example/image:', ''],
    ['example/image@sha256:short', ''],
    ['a'.repeat(64), ''],
  ])('of %j is %j', (image, tag) => {
    expect(imageTag(image)).toBe(tag);
  });
});
