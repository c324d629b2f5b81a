import {
  Activity,
  Boxes,
  HelpCircle,
  Hexagon,
  Map as MapIcon,
  Plug,
  ScanSearch,
  type LucideIcon,
} from 'lucide-react';

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

/** The console's pages. */
export const NAV: readonly NavItem[] = [
  { href: '/', label: 'Map', icon: MapIcon },
  { href: '/domains', label: 'Domains', icon: Hexagon },
  { href: '/workloads', label: 'Workloads', icon: Boxes },
  { href: '/discover', label: 'Discover', icon: ScanSearch },
  { href: '/why', label: 'Why', icon: HelpCircle },
  { href: '/activity', label: 'Activity', icon: Activity },
  { href: '/connect', label: 'Connect', icon: Plug },
];
