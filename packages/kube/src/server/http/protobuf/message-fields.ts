import { readFileSync } from 'node:fs';

/** How the value of a protobuf field is read. */
export interface FieldShape {
  /** Name in JSON. */
  readonly name: string;
  /** `string`, `bytes`, `bool`, `int`, `time`, `microtime`, `duration`, `quantity`, `intorstring`, `raw`, `strings`, or a message. */
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  /** Its fields stand in JSON among those of the message around it. */
  readonly inline: boolean;
  /** Absent and zero are different. */
  readonly pointer: boolean;
  /** Go writes it in JSON even when it is zero. */
  readonly always: boolean;
}

export type MessageShape = ReadonlyMap<number, FieldShape>;

type FieldRow = [number: number, name: string, type: string, ...flags: string[]];

let shapes: ReadonlyMap<string, MessageShape> | undefined;

/** The fields of a message such as `apps.v1.Deployment`, by number; undefined for one that is not known. */
export function messageShape(name: string): MessageShape | undefined {
  shapes ??= new Map(
    readFileSync(new URL('./kubernetes-v1.32-fields.jsonl', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [message, rows] = JSON.parse(line) as [string, FieldRow[]];
        return [message, new Map(rows.map(toShape))];
      }),
  );
  return shapes.get(name);
}

function toShape([number, name, type, ...flags]: FieldRow): [number, FieldShape] {
  const has = (flag: string) => flags.includes(flag);
  return [
    number,
    {
      name,
      type,
      repeated: has('repeated'),
      map: has('map'),
      inline: has('inline'),
      pointer: has('pointer'),
      always: has('always'),
    },
  ];
}
