export default function Gallery({ page }: { page: string }) {
  return <p>{page}</p>;
}
