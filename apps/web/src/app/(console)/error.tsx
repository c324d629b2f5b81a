'use client';
import { RefreshCw, TriangleAlert } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <Empty
      icon={TriangleAlert}
      className="my-auto"
      title="This page failed"
      why={`${error.message}. What is staged is kept.`}
      next={
        <Button look="solid" onClick={reset}>
          <RefreshCw /> Try again
        </Button>
      }
    />
  );
}
