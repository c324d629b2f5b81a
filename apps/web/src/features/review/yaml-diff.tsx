'use client';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

/** Before and after as YAML, in one column or two; read-only. */
export function YamlDiff({
  before,
  after,
  mode,
  label,
}: {
  before: string;
  after: string;
  mode: 'unified' | 'split';
  label: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const view = mode === 'split' ? splitView(parent, before, after) : unifiedView(parent, before, after);
    for (const content of parent.querySelectorAll('.cm-content')) content.setAttribute('aria-label', label);
    return () => view.destroy();
  }, [before, after, mode, label]);
  return <div ref={host} className="h-full text-xs" />;
}

function unifiedView(parent: HTMLElement, before: string, after: string): EditorView {
  return new EditorView({
    parent,
    doc: after,
    extensions: [
      ...common,
      unifiedMergeView({
        original: before,
        // A whole new or deleted object needs no marks within its lines.
        highlightChanges: before !== '' && after !== '',
        mergeControls: false,
        gutter: true,
        collapseUnchanged: { margin: 3, minSize: 6 },
      }),
    ],
  });
}

function splitView(parent: HTMLElement, before: string, after: string): MergeView {
  return new MergeView({
    parent,
    a: { doc: before, extensions: common },
    b: { doc: after, extensions: common },
    gutter: true,
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
}

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--ink)', height: '100%', fontSize: '12px' },
  '.cm-scroller': { fontFamily: '"Geist Mono Variable", ui-monospace, monospace', lineHeight: '1.6' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-3)', border: 'none' },
  '.cm-content': { padding: '8px 0' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine, .cm-inlineChangedLine': {
    backgroundColor: 'var(--staged-soft)',
  },
  '&.cm-merge-b .cm-changedText, .cm-insertedLine .cm-changedText': {
    background: 'color-mix(in oklab, var(--staged) 14%, transparent)',
  },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--warn-soft)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in oklab, var(--warn) 14%, transparent)',
    textDecoration: 'line-through',
  },
  '.cm-changeGutter .cm-changedLineGutter': { backgroundColor: 'var(--staged)' },
  '.cm-changeGutter .cm-deletedLineGutter': { backgroundColor: 'var(--warn)' },
  '.cm-collapsedLines': {
    background: 'var(--sunken)',
    color: 'var(--ink-3)',
    padding: '2px 8px',
  },
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--ink)' },
  { tag: [tags.string, tags.content], color: 'var(--ink-2)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--ink-2)', fontWeight: '500' },
  {
    tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace, tags.comment],
    color: 'var(--ink-3)',
  },
]);

const common: Extension[] = [
  lineNumbers(),
  yaml(),
  syntaxHighlighting(highlight),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({
    tabindex: '0',
    role: 'textbox',
    'aria-readonly': 'true',
    'aria-multiline': 'true',
  }),
  EditorView.lineWrapping,
  look,
];
