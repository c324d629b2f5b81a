import { isIP } from 'node:net';
import {
  celFunc,
  celMethod,
  CelScalar,
  isCelUint,
  listType,
  type CelFunc,
  type CelList,
  type CelValue,
} from '@bufbuild/cel';
import { formatCheck, isQuantity } from '../format.ts';

/** Functions that Kubernetes adds to CEL ("Common Expression Language in Kubernetes"), beside those for strings. */
export const library: CelFunc[] = [
  celMethod('isSorted', listType(CelScalar.DYN), [], CelScalar.BOOL, isSorted),
  celMethod('sum', listType(CelScalar.DYN), [], CelScalar.DYN, sum),
  celMethod('min', listType(CelScalar.DYN), [], CelScalar.DYN, function min(this: CelList) {
    return extreme(this, -1);
  }),
  celMethod('max', listType(CelScalar.DYN), [], CelScalar.DYN, function max(this: CelList) {
    return extreme(this, 1);
  }),
  celMethod(
    'indexOf',
    listType(CelScalar.DYN),
    [CelScalar.DYN],
    CelScalar.INT,
    function indexOf(this: CelList, item) {
      return BigInt([...this].findIndex((other) => isSame(other, item)));
    },
  ),
  celMethod(
    'lastIndexOf',
    listType(CelScalar.DYN),
    [CelScalar.DYN],
    CelScalar.INT,
    function lastIndexOf(this: CelList, item) {
      return BigInt([...this].findLastIndex((other) => isSame(other, item)));
    },
  ),
  celFunc('isURL', [CelScalar.STRING], CelScalar.BOOL, (text) => formatCheck('uri')!(text)),
  celFunc('isIP', [CelScalar.STRING], CelScalar.BOOL, (text) => isIP(text) !== 0),
  celFunc('isCIDR', [CelScalar.STRING], CelScalar.BOOL, (text) => formatCheck('cidr')!(text)),
  celFunc('isQuantity', [CelScalar.STRING], CelScalar.BOOL, isQuantity),
];

/** Names of all functions, methods and operators of the environment beside CEL's own. */
export const libraryNames: ReadonlySet<string> = new Set(library.map((func) => func.name));

function isSorted(this: CelList): boolean {
  const items = [...this];
  return items.every((item, index) => index === 0 || compare(items[index - 1]!, item) <= 0);
}

function sum(this: CelList): bigint | number {
  let total: bigint | number = 0n;
  for (const item of this) {
    if (typeof item === 'bigint') total = typeof total === 'bigint' ? total + item : total + Number(item);
    else if (typeof item === 'number') total = Number(total) + item;
    else throw new Error('no such overload: sum');
  }
  return total;
}

function extreme(list: CelList, sign: 1 | -1): CelValue {
  const items = [...list];
  const [first] = items;
  if (first === undefined) throw new Error(`${sign < 0 ? 'min' : 'max'} called on empty list`);
  return items.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best), first);
}

function compare(left: CelValue, right: CelValue): number {
  const l = comparable(left);
  const r = comparable(right);
  if (typeof l === 'string' && typeof r === 'string') return l < r ? -1 : l > r ? 1 : 0;
  if (typeof l === 'string' || typeof r === 'string')
    throw new Error('no such overload: values of different types');
  return l < r ? -1 : l > r ? 1 : 0;
}

function comparable(value: CelValue): string | number | bigint {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (isCelUint(value)) return value.value;
  throw new Error('no such overload: values without an order');
}

function isSame(left: CelValue, right: CelValue): boolean {
  return left === right || (typeof left === 'bigint' && typeof right === 'number' && Number(left) === right);
}
