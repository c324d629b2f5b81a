import { FileQuestion, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { tellError } from '../../lib/console-error.ts';
import { Button } from './button.tsx';
import { Empty } from './empty.tsx';
import { Skeleton } from './skeleton.tsx';

interface Props {
  /** Why it cannot be had; absent while it is waited for. */
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly closeButton: ReactNode;
}

/** What is shown beside a list until what was opened there has come, or why it has not. */
export function NotThereYet({ error, onRetry, closeButton }: Props) {
  const told = error ? tellError(error) : undefined;
  return (
    <>
      <div className="flex justify-end p-3">{closeButton}</div>
      {told ? (
        <Empty
          icon={FileQuestion}
          title={told.message}
          why={told.hint}
          next={
            <Button onClick={onRetry}>
              <RefreshCw /> Try again
            </Button>
          }
        />
      ) : (
        <div className="flex flex-col gap-3 p-5" aria-busy>
          <Skeleton className="h-7 w-80" />
          <Skeleton className="h-24" />
          <Skeleton className="h-64" />
        </div>
      )}
    </>
  );
}
