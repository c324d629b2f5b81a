import type { Metadata } from 'next';
import { DiscoverPage } from '../../../features/discover/discover-page.tsx';

export const metadata: Metadata = { title: 'Discover' };

export default function Page() {
  return <DiscoverPage />;
}
