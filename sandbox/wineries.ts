/** A person who works for a winery; `role` may be absent, as on the platform. */
export type Staff = { id: string; firstName: string; lastName: string; email: string; role?: string };

/** A client of the platform; `tenantId` is its slug, the first label of its admin's host. */
export type Winery = {
  tenantId: string;
  name: string;
  place: string;
  contactEmail: string;
  staff: readonly [Staff, ...Staff[]];
};

export const wineries: readonly Winery[] = [
  {
    tenantId: "spectrawinery",
    name: "Spectra Winery",
    place: "Naramata, British Columbia",
    contactEmail: "hello@spectrawinery.example",
    staff: [
      {
        id: "12211212-2706-4e36-bcf5-57a9248edcdf",
        firstName: "Jason",
        lastName: "Andres",
        email: "jason@spectrawinery.example",
        role: "Admin Owner",
      },
      {
        id: "5b1f0c7e-94a3-4d0e-8a56-0e6c1b7f2d31",
        firstName: "Maya",
        lastName: "Okafor",
        email: "maya@spectrawinery.example",
        role: "Admin",
      },
      {
        id: "c3a94d52-7e18-4b6f-9f0d-2a8b5e61d704",
        firstName: "Tom",
        lastName: "Lindqvist",
        email: "tom@spectrawinery.example",
      },
    ],
  },
  {
    tenantId: "old-oak-estate",
    name: "Old Oak Estate",
    place: "Barossa Valley, South Australia",
    contactEmail: "cellar@oldoak.example",
    staff: [
      {
        id: "8e2d6a90-1c47-4f35-b8a1-63d90f4e7c12",
        firstName: "Eleanor",
        lastName: "Whitlock",
        email: "eleanor@oldoak.example",
        role: "Admin Owner",
      },
      {
        id: "f70b3c18-52d9-4ea6-8c74-9b1e0d6a3f85",
        firstName: "Sam",
        lastName: "O'Brien",
        email: "sam@oldoak.example",
        role: "Tasting Room",
      },
    ],
  },
  {
    tenantId: "bodega-del-sol",
    name: "Bodega del Sol",
    place: "Valle de Uco, Mendoza",
    contactEmail: "hola@bodegadelsol.example",
    staff: [
      {
        id: "2f9c8b41-6d03-4a7e-93b5-d14e7a0c5f68",
        firstName: "Lucía",
        lastName: "Fernández",
        email: "lucia@bodegadelsol.example",
        role: "Admin Owner",
      },
      {
        id: "a6d15e73-0b84-4c29-8f1e-75c2b9e3d046",
        firstName: "Mateo",
        lastName: "Ruiz",
        email: "mateo@bodegadelsol.example",
        role: "Club Manager",
      },
    ],
  },
];

/** The winery of that slug, or undefined. */
export function findWinery(tenantId: string): Winery | undefined {
  return wineries.find((winery) => winery.tenantId === tenantId);
}

/** The winery of that slug. Throws where there is none, naming those there are. */
export function requireWinery(tenantId: string): Winery {
  const winery = findWinery(tenantId);
  if (winery) return winery;
  const known = wineries.map((each) => each.tenantId).join(", ");
  throw new Error(`The sandbox has no winery "${tenantId}". It has: ${known}.`);
}

/** The staff member of that winery and id, or undefined. */
export function findStaff(winery: Winery, staffId: string): Staff | undefined {
  return winery.staff.find((member) => member.id === staffId);
}
