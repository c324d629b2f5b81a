import type { Metadata } from 'next';
import { WhyPage } from '../../../features/why/why-page.tsx';

export const metadata: Metadata = { title: 'Why' };

export default function Page() {
  return <WhyPage />;
}
