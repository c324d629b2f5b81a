/// <reference types="next" />
declare module '*.css';
declare module '@fontsource-variable/*';

declare module 'cytoscape-fcose' {
  import type { Ext } from 'cytoscape';
  const fcose: Ext;
  export default fcose;
}
