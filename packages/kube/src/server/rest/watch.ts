import type { ServerResponse } from 'node:http';
import { isMetaConversion, negotiate } from '../http/negotiation.ts';
import { storageName } from '../kinds/registry.ts';
import { apiVersionOf } from '../model/kube-object.ts';
import type { Status } from '../status/status.ts';
import { StatusError } from '../status/status.ts';
import type { StoredRecord, StoreEvent } from '../storage/record.ts';
import { requireReached } from './list.ts';
import type { ListOptions } from './list-options.ts';
import { parseListOptions, parseRevision } from './list-options.ts';
import type { Presenter } from './present.ts';
import { presenterOf } from './present.ts';
import type { ResourceContext } from './request-context.ts';
import type { Watcher, WatchType } from './watch-hub.ts';
import { seenAs } from './watch-hub.ts';

/** A client that lets this much pile up is cut off; it resumes from the last resourceVersion it saw. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** Kubernetes picks 30 to 60 minutes where the client says nothing. */
const DEFAULT_TIMEOUT_MS = 30 * 60_000;

/** Answers a watch: past events or present objects first, then each change as it is committed. */
export function handleWatch(context: ResourceContext): void {
  const { definition, query, state, request, response, info } = context;
  const negotiated = negotiate(request.headers.accept, isMetaConversion);
  const presenter = presenterOf(definition, { ...negotiated, format: 'json' }, { query, nowMs: state.nowMs });
  const options = parseListOptions(query, definition, true);
  const wanted = options.resourceVersion === '' ? 0 : parseRevision(options.resourceVersion);
  if (options.sendInitialEvents !== undefined) requireReached(state.store, wanted);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Transfer-Encoding': 'chunked',
    'Cache-Control': 'no-cache, private',
    'X-Content-Type-Options': 'nosniff',
  });
  response.flushHeaders();
  const stream = new WatchStream({
    resource: storageName(definition),
    response,
    presenter,
    options,
    matches: (record) =>
      (info.namespace === '' || record.namespace === info.namespace) && options.matches(record.object),
    bookmarkHead: { kind: definition.kind, apiVersion: apiVersionOf(definition.group, definition.version) },
    revision: () => state.store.revision,
    ended: () => state.watches.remove(stream),
  });
  try {
    sendPast(context, stream, wanted);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    stream.fail(error.status);
    return;
  }
  state.watches.add(stream);
}

function sendPast(
  { state: { store }, definition, info }: ResourceContext,
  stream: WatchStream,
  wanted: number,
): void {
  const { sendInitialEvents } = stream.options;
  if (sendInitialEvents ?? wanted === 0) {
    const namespace = info.namespace === '' ? undefined : info.namespace;
    stream.sendInitial(store.list(storageName(definition), namespace));
    if (sendInitialEvents) stream.bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else if (wanted !== 0 && wanted < store.revision) {
    const resource = storageName(definition);
    stream.deliver(store.eventsAfter(wanted).filter(({ record }) => record.resource === resource));
  }
}

interface WatchStreamOptions {
  readonly resource: string;
  readonly response: ServerResponse;
  readonly presenter: Presenter;
  readonly options: ListOptions;
  readonly matches: (record: StoredRecord) => boolean;
  readonly bookmarkHead: { kind: string; apiVersion: string };
  readonly revision: () => number;
  readonly ended: () => void;
}

/** The text of an event is the same for every watch of one presenter. */
const eventTexts = new WeakMap<StoredRecord, Map<string, string>>();

class WatchStream implements Watcher {
  readonly resource: string;
  readonly options: ListOptions;
  readonly #response: ServerResponse;
  readonly #presenter: Presenter;
  readonly #matches: (record: StoredRecord) => boolean;
  readonly #bookmarkHead: { kind: string; apiVersion: string };
  readonly #revision: () => number;
  readonly #ended: () => void;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;
  #maxQueuedBytes = MAX_QUEUED_BYTES;

  constructor({
    resource,
    response,
    presenter,
    options,
    matches,
    bookmarkHead,
    revision,
    ended,
  }: WatchStreamOptions) {
    this.resource = resource;
    this.options = options;
    this.#response = response;
    this.#presenter = presenter;
    this.#matches = matches;
    this.#bookmarkHead = bookmarkHead;
    this.#revision = revision;
    this.#ended = ended;
    const timeoutMs = options.timeoutSeconds
      ? Math.min(options.timeoutSeconds * 1000, 2 ** 31 - 1)
      : DEFAULT_TIMEOUT_MS;
    this.#timer = setTimeout(() => this.end(), timeoutMs);
    this.#timer.unref();
    response.on('close', () => this.#stop());
    response.on('error', () => this.#stop());
  }

  sendInitial(records: readonly StoredRecord[]): void {
    const text = records
      .filter(this.#matches)
      .map((record) => this.#text('ADDED', record))
      .join('');
    this.#maxQueuedBytes += Buffer.byteLength(text);
    this.#write(text);
  }

  deliver(events: readonly StoreEvent[]): void {
    let text = '';
    for (const event of events) {
      const seen = seenAs(event, this.#matches);
      if (seen) text += this.#text(seen.type, seen.record);
    }
    this.#write(text);
  }

  bookmark(annotations?: Record<string, string>): void {
    if (!this.options.allowWatchBookmarks) return;
    const metadata = {
      resourceVersion: String(this.#revision()),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    };
    const object = { ...this.#bookmarkHead, metadata } as never;
    const json = this.#presenter.event({ object, json: JSON.stringify(object) });
    this.#write(`{"type":"BOOKMARK","object":${json}}\n`);
  }

  end(): void {
    if (this.#isOver) return;
    this.bookmark();
    this.#stop();
    this.#response.end();
  }

  /** Ends the watch with an ERROR event. */
  fail(status: Status): void {
    this.#write(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`);
    this.#stop();
    this.#response.end();
  }

  #text(type: WatchType, record: StoredRecord): string {
    const { key } = this.#presenter;
    if (key === '') return eventText(type, this.#presenter.event(record));
    let texts = eventTexts.get(record);
    if (!texts) eventTexts.set(record, (texts = new Map()));
    const full = `${type} ${key}`;
    let text = texts.get(full);
    if (text === undefined) texts.set(full, (text = eventText(type, this.#presenter.event(record))));
    return text;
  }

  #write(text: string): void {
    if (this.#isOver || text === '') return;
    this.#response.write(text);
    if (this.#response.writableLength > this.#maxQueuedBytes) {
      this.#stop();
      this.#response.destroy();
    }
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#ended();
  }
}

function eventText(type: WatchType, json: string): string {
  return `{"type":"${type}","object":${json}}\n`;
}
